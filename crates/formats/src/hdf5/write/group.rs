//! The symbol table of a group: a heap of names, leaves of links, a tree above the leaves.

use super::bytes::{Bytes, NOWHERE};

/// A link: the name, and the address of the object's header.
pub(super) type Link<'a> = (&'a str, u64);

/// How many links a leaf has at most: twice the number that the superblock says.
const LEAF: usize = 8;
/// How many children a node has at most.
const NODE: usize = 32;

/// Where a group's tree and heap are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    pub(super) tree: u64,
    pub(super) heap: u64,
}

/// A part of the tree: its address, and where its last name is in the heap.
type Part = (u64, u64);

/// Appends the table of these links, which are sorted by name.
pub(super) fn table(file: &mut Bytes, links: &[Link<'_>]) -> Table {
    let (heap, names) = heap(file, links);
    let mut parts: Vec<Part> = links
        .chunks(LEAF)
        .zip(names.chunks(LEAF))
        .map(|(links, names)| leaf(file, links, names))
        .collect();
    let mut level = 0;
    loop {
        let mut before = 0;
        let nodes = parts.chunks(NODE).map(|children| {
            let node = node(file, level, before, children);
            before = node.1;
            node
        });
        parts = nodes.collect();
        level += 1;
        match parts.as_slice() {
            [] => return Table { tree: node(file, 0, 0, &[]).0, heap },
            [(tree, _)] => return Table { tree: *tree, heap },
            _ => {}
        }
    }
}

/// Appends the names; returns where each is among them.
fn heap(file: &mut Bytes, links: &[Link<'_>]) -> (u64, Vec<u64>) {
    let mut names = Bytes::default();
    // The name of nothing is at 0.
    names.u64(0);
    let places = links
        .iter()
        .map(|(name, _)| {
            let place = names.len() as u64;
            names.raw(name.as_bytes()).raw(&[0]).pad();
            place
        })
        .collect();
    let address = file.len() as u64;
    let (head, no_free_space) = (32, 1);
    file.raw(b"HEAP\0\0\0\0").u64(names.len() as u64).u64(no_free_space).u64(address + head);
    file.raw(&names.0);
    (address, places)
}

fn leaf(file: &mut Bytes, links: &[Link<'_>], names: &[u64]) -> Part {
    let start = file.len();
    file.raw(b"SNOD\x01\0").u16(links.len() as u16);
    for ((_, header), &name) in links.iter().zip(names) {
        // Nothing is said about the object itself.
        file.u64(name).u64(*header).raw(&[0; 24]);
    }
    file.fill_to(start + 8 + LEAF * 40);
    (start as u64, names.last().copied().unwrap_or_default())
}

/// A node above `children`; the last name before them is at `before`.
fn node(file: &mut Bytes, level: u8, before: u64, children: &[Part]) -> Part {
    let start = file.len();
    file.raw(b"TREE\0").raw(&[level]).u16(children.len() as u16).u64(NOWHERE).u64(NOWHERE);
    file.u64(before);
    for &(address, last_name) in children {
        file.u64(address).u64(last_name);
    }
    file.fill_to(start + 24 + 8 * (2 * NODE + 1));
    (start as u64, children.last().map_or(before, |child| child.1))
}
