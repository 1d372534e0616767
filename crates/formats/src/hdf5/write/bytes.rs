//! Bytes, appended field by field.

/// An address that leads nowhere.
pub(super) const NOWHERE: u64 = u64::MAX;

/// Little-endian fields, one behind another.
#[derive(Debug, Clone, Default)]
pub(super) struct Bytes(pub(super) Vec<u8>);

impl Bytes {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(super) fn u16(&mut self, number: u16) -> &mut Self {
        self.raw(&number.to_le_bytes())
    }

    pub(super) fn u32(&mut self, number: u32) -> &mut Self {
        self.raw(&number.to_le_bytes())
    }

    pub(super) fn u64(&mut self, number: u64) -> &mut Self {
        self.raw(&number.to_le_bytes())
    }

    /// Zeros up to a length of `len`.
    pub(super) fn fill_to(&mut self, len: usize) -> &mut Self {
        self.0.resize(len.max(self.len()), 0);
        self
    }

    /// Zeros up to the next multiple of 8.
    pub(super) fn pad(&mut self) -> &mut Self {
        self.fill_to(self.len().next_multiple_of(8))
    }

    /// Adds to the number that stands at `place` already.
    pub(super) fn add_at(&mut self, place: usize, number: u64) {
        if let Some(field) = self.0.get_mut(place..).and_then(|rest| rest.first_chunk_mut()) {
            *field = u64::from_le_bytes(*field).wrapping_add(number).to_le_bytes();
        }
    }
}
