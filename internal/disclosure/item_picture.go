package disclosure

import (
	"context"

	"dinh/internal/attach"
)

// cleanPicture makes the copy of a picture that readers get: upright, and without what the camera wrote about place and device.
func (s *Service) cleanPicture(ctx context.Context, f attach.File) (attach.File, error) {
	src, err := s.files.Content(f)
	if err != nil {
		return attach.File{}, err
	}
	defer src.Close()
	return s.publicCopy(ctx, src, f.Name)
}
