package db

import (
	"path/filepath"

	"golang.org/x/sys/unix"
)

// networkFS names the network file system that dir lies on; "" is a local one, or not known.
func networkFS(dir string) string {
	for range 2 { // the folder may not be there yet
		var st unix.Statfs_t
		if unix.Statfs(dir, &st) == nil {
			switch uint32(st.Type) {
			case unix.NFS_SUPER_MAGIC:
				return "nfs"
			case unix.SMB_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC:
				return "smb"
			case unix.AFS_SUPER_MAGIC, unix.AFS_FS_MAGIC:
				return "afs"
			case unix.V9FS_MAGIC:
				return "9p"
			case 0x00c36400:
				return "ceph"
			}
			return ""
		}
		dir = filepath.Dir(dir)
	}
	return ""
}
