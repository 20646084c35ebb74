//! Many processes that share a folder, and processes that die while they write.

use crate::FileStore;

crate::testing::processes::process_suite! { |path| Box::new(FileStore::open(path).expect("the store opens")) }
