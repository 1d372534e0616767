//! B-trees of the second version: the records of an index, in order.

use ceratops_core::Result;

use super::{Cursor, File, damaged};

/// What the nodes of a tree have in common.
struct Tree {
    node_size: u64,
    record_size: u64,
}

/// A place in the tree: a node, and how many records it has itself.
struct Node {
    address: u64,
    depth: u16,
    records: u64,
}

/// Signature, version and kind in front, the checksum behind.
const AROUND: u64 = 10;

/// Calls `visit` for every record of the tree whose header is at `address`.
pub(super) fn records<'a>(
    file: &File<'a>,
    address: u64,
    visit: &mut dyn FnMut(Cursor<'a>) -> Result<()>,
) -> Result<()> {
    let len = 22 + file.address_size() + file.widths.length as u64;
    let mut head = file.sealed(b"BTHD", address, len)?;
    head.skip(2)?;
    let tree = Tree { node_size: head.u32()?.into(), record_size: head.u16()?.into() };
    let depth = head.u16()?;
    head.skip(2)?;
    let (root, records) = (head.address()?, head.u16()?.into());
    if tree.record_size == 0 || tree.node_size <= AROUND || depth > 32 {
        return Err(damaged(format!("an index with {depth} levels")));
    }
    match root {
        Some(address) => tree.node(file, &Node { address, depth, records }, visit),
        None => Ok(()),
    }
}

impl Tree {
    fn node<'a>(
        &self,
        file: &File<'a>,
        node: &Node,
        visit: &mut dyn FnMut(Cursor<'a>) -> Result<()>,
    ) -> Result<()> {
        let signature = if node.depth == 0 { b"BTLF" } else { b"BTIN" };
        let mut cursor = file.sealed(signature, node.address, self.len(file, node)?)?;
        cursor.skip(2)?;
        let mut records = Vec::new();
        for _ in 0..node.records {
            records.push(cursor.part(self.record_size as usize)?);
        }
        let mut records = records.into_iter();
        if node.depth > 0 {
            for _ in 0..=node.records {
                let child = self.child(file, &mut cursor, node.depth)?;
                self.node(file, &child, visit)?;
                records.next().map_or(Ok(()), &mut *visit)?;
            }
        }
        records.try_for_each(visit)
    }

    /// How many bytes of a node are in use, its check sum behind them included.
    fn len(&self, file: &File<'_>, node: &Node) -> Result<u64> {
        let children = if node.depth == 0 {
            0
        } else {
            (node.records + 1) * self.pointer_size(file, node.depth)
        };
        let len = AROUND + node.records * self.record_size + children;
        Some(len).filter(|&len| len <= self.node_size).ok_or_else(|| {
            damaged(format!("a node of {len} bytes in an index of {}", self.node_size))
        })
    }

    /// How many bytes lead from a node of this depth to one below it.
    fn pointer_size(&self, file: &File<'_>, depth: u16) -> u64 {
        let below = if depth > 1 { width(self.capacity(file, depth - 1).1) } else { 0 };
        file.address_size() + (width(self.capacity(file, 0).0) + below) as u64
    }

    fn child(&self, file: &File<'_>, cursor: &mut Cursor<'_>, depth: u16) -> Result<Node> {
        let address = cursor.known_address()?;
        let records = cursor.uint(width(self.capacity(file, 0).0))?;
        if depth > 1 {
            cursor.uint(width(self.capacity(file, depth - 1).1))?;
        }
        Ok(Node { address, depth: depth - 1, records })
    }

    /// How many records a node of this depth can have: itself, and with all below it.
    fn capacity(&self, file: &File<'_>, depth: u16) -> (u64, u64) {
        let room = self.node_size - AROUND;
        let leaf = room / self.record_size;
        let mut capacity = (leaf, leaf);
        for depth in 1..=depth {
            let below = if depth > 1 { width(capacity.1) } else { 0 };
            let pointer = file.address_size() + (width(leaf) + below) as u64;
            let own = room.saturating_sub(pointer) / (self.record_size + pointer);
            let all = own.saturating_add(1).saturating_mul(capacity.1).saturating_add(own);
            capacity = (own, all);
        }
        capacity
    }
}

/// How many bytes a number up to `largest` takes.
pub(super) fn width(largest: u64) -> usize {
    (64 - largest.leading_zeros()).div_ceil(8).max(1) as usize
}
