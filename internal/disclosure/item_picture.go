package disclosure

import (
	"context"
	"io"

	"dinh/internal/attach"
)

// cleanPicture makes the copy of a picture that readers get: upright, and without what the camera wrote about place and device.
func (s *Service) cleanPicture(ctx context.Context, f attach.File) (attach.File, error) {
	src, err := s.files.Content(f)
	if err != nil {
		return attach.File{}, err
	}
	defer src.Close()
	select {
	case s.darkroom <- struct{}{}:
		defer func() { <-s.darkroom }()
	case <-ctx.Done():
		return attach.File{}, ctx.Err()
	}
	return s.develop(ctx, f.Name, func(w io.Writer) error { return publicCopy(w, src) })
}
