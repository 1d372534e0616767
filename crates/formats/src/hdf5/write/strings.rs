//! The global heap, in which texts lie.

use super::bytes::Bytes;

/// Every collection of texts, one behind another.
#[derive(Debug, Default)]
pub(super) struct Strings {
    /// The collections that are full.
    full: Bytes,
    /// The objects of the one that is being filled.
    objects: Bytes,
    count: u16,
}

/// Signature, version, length.
const HEAD: usize = 16;
/// HDF5 expects no collection to be smaller.
const SMALLEST: usize = 4096;
/// How many texts are put in one collection; their numbers have 16 bits.
const MOST: u16 = 60_000;

impl Strings {
    /// Keeps a text; returns where its collection begins, counted from that of the first, and the
    /// text's number in it.
    pub(super) fn add(&mut self, text: &str) -> (u64, u32) {
        if self.count == MOST {
            self.close();
        }
        self.count += 1;
        self.objects.u16(self.count).u16(1).u32(0).u64(text.len() as u64);
        self.objects.raw(text.as_bytes()).pad();
        (self.full.len() as u64, self.count.into())
    }

    /// Ends the collection.
    fn close(&mut self) {
        let objects = std::mem::take(&mut self.objects);
        self.count = 0;
        if objects.len() == 0 {
            return;
        }
        let len = (HEAD + objects.len()).max(SMALLEST);
        let end = self.full.len() + len;
        self.full.raw(b"GCOL\x01\0\0\0").u64(len as u64).raw(&objects.0);
        let free = end - self.full.len();
        if free >= 16 {
            self.full.u64(0).u64(free as u64);
        }
        self.full.fill_to(end);
    }

    /// All of it.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.close();
        self.full.0
    }
}
