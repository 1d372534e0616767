//! The plan of a file: all of it but the numbers, and where these will be.

use ceratops_core::{Error, Result};

use super::{
    bytes::{Bytes, NOWHERE},
    group::{Link, Table, table},
    messages::{self, Message, kind},
    padding,
    strings::Strings,
};
use crate::hdf5::{Attribute, DEEPEST, Group, Member};

/// What stands in front of the numbers, and the numbers in their order.
#[derive(Debug, Default)]
pub(super) struct Plan<'a> {
    head: Bytes,
    strings: Strings,
    /// The places of addresses that count from the texts, and from the numbers, as yet.
    of_strings: Vec<usize>,
    of_data: Vec<usize>,
    pub(super) data: Vec<&'a Member>,
    data_len: u64,
    /// How many groups lie around what is planned now.
    depth: usize,
}

/// How long the superblock is.
const SUPERBLOCK: usize = 96;
/// Where it says how long the file is.
const END: usize = 40;

impl<'a> Plan<'a> {
    pub(super) fn of(root: &'a Group) -> Result<Self> {
        let mut plan = Self::default();
        plan.head.fill_to(SUPERBLOCK);
        let (header, table) = plan.group(root)?;
        let superblock = superblock(header, table);
        plan.head.0[..SUPERBLOCK].copy_from_slice(&superblock.0);
        Ok(plan)
    }

    /// Sends all that stands in front of the numbers.
    pub(super) fn describe(&mut self, send: &mut impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let head = &mut self.head;
        let strings = std::mem::take(&mut self.strings).finish();
        let strings_start = head.len() as u64;
        let data_start = strings_start + strings.len() as u64;
        for &place in &self.of_strings {
            head.add_at(place, strings_start);
        }
        for &place in &self.of_data {
            head.add_at(place, data_start);
        }
        head.add_at(END, data_start + self.data_len);
        send(&head.0)?;
        send(&strings)
    }

    /// Plans an object; returns the address of its header.
    fn member(&mut self, member: &'a Member) -> Result<u64> {
        match member {
            Member::Group(group) => Ok(self.group(group)?.0),
            Member::Tensor(tensor) => {
                self.dataset(member, messages::float32(), tensor.shape(), 4 * tensor.len())
            }
            Member::Integers { shape, values } => {
                self.dataset(member, messages::int64(), shape, 8 * values.len())
            }
        }
    }

    fn group(&mut self, group: &'a Group) -> Result<(u64, Table)> {
        let mut links: Vec<Link<'_>> = Vec::new();
        self.depth += 1;
        for (name, member) in &group.members {
            if self.depth >= DEEPEST {
                return Err(Error::Data(format!(
                    "with {DEEPEST} groups around \"{name}\", HDF5 would not be read again; nest fewer \
                     models"
                )));
            }
            if matches!(name.as_str(), "" | "." | "..") || name.contains(['/', '\0']) {
                return Err(Error::Data(format!("HDF5 knows no name like {name:?}")));
            }
            links.push((name, self.member(member)?));
        }
        self.depth -= 1;
        links.sort_unstable_by_key(|link| link.0);
        if let Some(pair) = links.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(Error::Data(format!(
                "HDF5 cannot hold two things named \"{}\"",
                pair[0].0
            )));
        }
        let table = table(&mut self.head, &links);
        let mut place = Bytes::default();
        place.u64(table.tree).u64(table.heap);
        let mut messages = vec![(kind::SYMBOL_TABLE, place)];
        let mut texts = Vec::new();
        for (name, attribute) in &group.attributes {
            let (body, references) = self.attribute(name, attribute)?;
            texts.extend(references.into_iter().map(|place| (messages.len(), place)));
            messages.push((kind::ATTRIBUTE, body));
        }
        let header = self.header(&messages)?;
        let starts = starts(&messages, header);
        self.of_strings.extend(texts.into_iter().map(|(message, place)| starts[message] + place));
        Ok((header as u64, table))
    }

    fn dataset(
        &mut self,
        member: &'a Member,
        datatype: Bytes,
        shape: &[usize],
        len: usize,
    ) -> Result<u64> {
        if shape.len() > 32 {
            return Err(Error::Data(format!("HDF5 has no more than 32 axes, not {}", shape.len())));
        }
        let at = if len == 0 { NOWHERE } else { self.data_len };
        let (layout, place) = messages::contiguous(at, len as u64);
        let messages = [
            (kind::DATASPACE, messages::dataspace(shape)),
            (kind::DATATYPE, datatype),
            (kind::FILL_VALUE, messages::fill_value()),
            (kind::LAYOUT, layout),
        ];
        let header = self.header(&messages)?;
        if len > 0 {
            self.of_data.push(starts(&messages, header)[3] + place);
            self.data.push(member);
            self.data_len += (len + padding(len)) as u64;
        }
        Ok(header as u64)
    }

    /// Appends an object's header; returns its address.
    fn header(&mut self, messages: &[Message]) -> Result<usize> {
        let address = self.head.len();
        self.head.raw(&messages::header(messages)?.0);
        Ok(address)
    }

    /// An attribute's message, and the places in it that lead to texts.
    fn attribute(&mut self, name: &str, attribute: &Attribute) -> Result<(Bytes, Vec<usize>)> {
        let mut values = Bytes::default();
        let mut places = Vec::new();
        let (datatype, shape) = match attribute {
            Attribute::Text(text) => {
                places.extend(self.text(text, &mut values));
                (messages::text(), None)
            }
            Attribute::Texts(texts) => {
                for text in texts {
                    places.extend(self.text(text, &mut values));
                }
                (messages::text(), Some(texts.len()))
            }
            Attribute::Numbers(numbers) => {
                for number in numbers {
                    values.raw(&number.to_le_bytes());
                }
                (messages::float64(), Some(numbers.len()))
            }
        };
        let (body, start) = messages::attribute(name, &datatype, shape, &values.0)?;
        Ok((body, places.into_iter().map(|place| start + place).collect()))
    }

    /// Appends the reference to a text; returns the place of its address, if it has one.
    fn text(&mut self, text: &str, values: &mut Bytes) -> Option<usize> {
        if text.is_empty() {
            values.raw(&[0; 16]);
            return None;
        }
        let (collection, number) = self.strings.add(text);
        values.u32(text.len() as u32);
        let place = values.len();
        values.u64(collection).u32(number);
        Some(place)
    }
}

/// Where the body of each message is in the file, if the header is at `header`.
fn starts(messages: &[Message], header: usize) -> Vec<usize> {
    let (head, prefix) = (16, 8);
    let mut at = header + head;
    let mut start = |(_, body): &Message| {
        let start = at + prefix;
        at = start + body.len().next_multiple_of(8);
        start
    };
    messages.iter().map(&mut start).collect()
}

fn superblock(root: u64, table: Table) -> Bytes {
    let mut block = Bytes::default();
    // Version 0 of everything; addresses and lengths of 8 bytes; half the size of leaves and nodes.
    block.raw(b"\x89HDF\r\n\x1a\n").raw(&[0, 0, 0, 0, 0, 8, 8, 0]).u16(4).u16(16).u32(0);
    // Where the file begins, no list of free space, where it ends, no driver.
    block.u64(0).u64(NOWHERE).u64(0).u64(NOWHERE);
    // The root has no name; its tree and heap are said here too.
    block.u64(0).u64(root).u32(1).u32(0).u64(table.tree).u64(table.heap);
    block
}
