//! Many processes in one folder, and processes that die in the middle of it.

use super::FileStore;

crate::processes::process_suite! { |path| Box::new(FileStore::open(path).expect("the store opens")) }
