//! The file system of a path, and whether it is local.

use std::path::Path;

/// Whether a file system is local.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Its files are on this machine.
    Local,
    /// Its files are on another machine: processes cannot share memory through them, and locks may not work.
    Remote,
    /// Unknown.
    Unknown,
}

/// A file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSystem {
    /// Its name.
    pub name: String,
    /// Whether it is local.
    pub sharing: Sharing,
}

/// The numbers of file systems on Linux (`statfs(2)`).
const KNOWN: [(u32, &str, Sharing); 24] = [
    (0xef53, "ext4", Sharing::Local),
    (0x9123_683e, "btrfs", Sharing::Local),
    (0x5846_5342, "xfs", Sharing::Local),
    (0x2fc1_2fc1, "zfs", Sharing::Local),
    (0xca45_1a4e, "bcachefs", Sharing::Local),
    (0xf2f5_2010, "f2fs", Sharing::Local),
    (0x3153_464a, "jfs", Sharing::Local),
    (0x0102_1994, "tmpfs", Sharing::Local),
    (0x8584_58f6, "ramfs", Sharing::Local),
    (0x794c_7630, "overlayfs", Sharing::Local),
    (0x4d44, "FAT", Sharing::Local),
    (0x2011_bab0, "exFAT", Sharing::Local),
    (0x7366_746e, "NTFS", Sharing::Local),
    (0x0102_1997, "9p", Sharing::Unknown),
    (0x6573_5546, "FUSE", Sharing::Unknown),
    (0x6969, "NFS", Sharing::Remote),
    (0x517b, "SMB", Sharing::Remote),
    (0xff53_4d42, "SMB", Sharing::Remote),
    (0xfe53_4d42, "SMB", Sharing::Remote),
    (0x5346_414f, "AFS", Sharing::Remote),
    (0x7375_7245, "Coda", Sharing::Remote),
    (0x00c3_6400, "Ceph", Sharing::Remote),
    (0x0bd0_0bd0, "Lustre", Sharing::Remote),
    (0x786f_4256, "a folder shared by VirtualBox", Sharing::Remote),
];

impl FileSystem {
    /// Returns the file system of a path, which need not exist, or `None` if the system does not report one.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let there = path.ancestors().find_map(|folder| rustix::fs::statfs(folder).ok())?;
        // Some platforms use wider or signed numbers.
        Some(Self::called(u32::try_from(i128::from(there.f_type) & 0xffff_ffff).unwrap_or_default()))
    }

    fn called(number: u32) -> Self {
        let known = KNOWN.iter().find(|(magic, ..)| *magic == number);
        let unknown = || Self { name: format!("file system {number:#x}"), sharing: Sharing::Unknown };
        known.map_or_else(unknown, |(_, name, sharing)| Self { name: (*name).to_owned(), sharing: *sharing })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remote_file_systems_are_recognized() {
        let known = |number| (FileSystem::called(number).name, FileSystem::called(number).sharing);
        assert_eq!(known(0x6969), ("NFS".to_owned(), Sharing::Remote));
        assert_eq!(known(0xff53_4d42), ("SMB".to_owned(), Sharing::Remote));
        assert_eq!(known(0xef53), ("ext4".to_owned(), Sharing::Local));
        assert_eq!(known(0x1234), ("file system 0x1234".to_owned(), Sharing::Unknown));
    }

    #[test]
    fn a_missing_file_is_on_the_file_system_of_its_folder() {
        assert_eq!(FileSystem::of(Path::new("/proc/none/such")).unwrap().name, "file system 0x9fa0");
    }
}
