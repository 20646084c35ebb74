//! The allocator of an instance, which lives for one call.
//!
//! Most calls need little memory. They get it from an arena that the instance has from the beginning: growing
//! the memory of an instance would make such a call take about 8 µs longer, a third. The standard allocator
//! always grows the memory, however large it is at first. Only the last block is freed, since the instance is
//! short-lived. Larger calls fall back to the standard allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, UnsafeCell};
use std::ptr;

/// The size in bytes: a page of WebAssembly. Unused memory costs nothing.
const LEN: usize = 64 * 1024;

/// Memory that is allocated from its beginning to its end.
pub struct Arena {
    bytes: UnsafeCell<[u8; LEN]>,
    used: Cell<usize>,
}

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ARENA: Arena = Arena::new();

// SAFETY: An instance has one thread.
#[cfg(target_arch = "wasm32")]
unsafe impl Sync for Arena {}

impl Arena {
    const fn new() -> Self {
        Self { bytes: UnsafeCell::new([0; LEN]), used: Cell::new(0) }
    }

    fn start(&self) -> *mut u8 {
        self.bytes.get().cast()
    }

    fn owns(&self, block: *mut u8) -> bool {
        let start = self.start().addr();
        (start..start + LEN).contains(&block.addr())
    }

    fn place_of(&self, block: *mut u8) -> usize {
        block.addr() - self.start().addr()
    }

    fn is_last(&self, block: *mut u8, layout: Layout) -> bool {
        self.place_of(block) + layout.size() == self.used.get()
    }
}

// SAFETY: A block is in the bounds of the arena and behind all earlier blocks, or it is one of the standard
// allocator's, which gets back only its own blocks.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = self.start().addr();
        let begin = (start + self.used.get()).next_multiple_of(layout.align()) - start;
        if begin >= LEN || layout.size() > LEN - begin {
            // SAFETY: The caller upholds the same contract.
            return unsafe { System.alloc(layout) };
        }
        self.used.set(begin + layout.size());
        // SAFETY: The block is in the arena, as checked above.
        unsafe { self.start().add(begin) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if !self.owns(block) {
            // SAFETY: A block outside the arena is one of the standard allocator's.
            unsafe { System.dealloc(block, layout) }
        } else if self.is_last(block, layout) {
            self.used.set(self.place_of(block));
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !self.owns(block) {
            // SAFETY: A block outside the arena is one of the standard allocator's.
            return unsafe { System.realloc(block, layout, size) };
        }
        let begin = self.place_of(block);
        if self.is_last(block, layout) && size <= LEN - begin {
            self.used.set(begin + size);
            return block;
        }
        // SAFETY: The caller vouches for the size and its alignment.
        let new = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !new.is_null() {
            // SAFETY: Both have as many bytes, and blocks do not overlap.
            unsafe { ptr::copy_nonoverlapping(block, new, layout.size().min(size)) };
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    #[test]
    fn blocks_are_aligned_and_keep_their_content_as_they_grow() {
        let arena = Arena::new();
        // SAFETY: Each block is used within its layout, and given back with it.
        unsafe {
            let first = arena.alloc(layout(3, 1));
            first.write_bytes(7, 3);
            let second = arena.alloc(layout(8, 8));
            assert!(second.addr().is_multiple_of(8) && arena.owns(first) && arena.owns(second));
            second.write_bytes(9, 8);
            let moved = arena.realloc(first, layout(3, 1), 100);
            assert!(moved.addr() >= second.addr() + 8);
            let in_place = arena.realloc(moved, layout(100, 1), 200);
            assert_eq!(in_place, moved);
            assert_eq!(std::slice::from_raw_parts(in_place, 3), [7; 3]);
            assert_eq!(std::slice::from_raw_parts(second, 8), [9; 8]);
            arena.dealloc(in_place, layout(200, 1));
            assert_eq!(arena.alloc(layout(1, 1)), in_place);
        }
    }

    #[test]
    fn a_block_that_does_not_fit_comes_from_the_standard_allocator() {
        let arena = Arena::new();
        // SAFETY: Each block is used within its layout, and given back with it.
        unsafe {
            let all = arena.alloc(layout(LEN, 1));
            assert!(arena.owns(all));
            all.write_bytes(5, LEN);
            let other = arena.alloc(layout(1, 1));
            assert!(!other.is_null() && !arena.owns(other));
            let other = arena.realloc(other, layout(1, 1), 64);
            arena.dealloc(other, layout(64, 1));
            let moved = arena.realloc(all, layout(LEN, 1), LEN + 1);
            assert!(!arena.owns(moved));
            assert_eq!(std::slice::from_raw_parts(moved, LEN), [5; LEN]);
            arena.dealloc(moved, layout(LEN + 1, 1));
        }
    }
}
