//! The walk through the file: from the root group to every data set.

use ceratops_core::{Error, Result};

use super::{
    File,
    attribute::attributes,
    damaged,
    dataset::dataset,
    header::{self, Message, kind},
    links::links,
};
use crate::hdf5::{DEEPEST, Group, Member};

/// Reads a whole file.
pub(crate) fn read(bytes: &[u8]) -> Result<Group> {
    let file = File::open(bytes)?;
    match object(&file, file.root, &mut Vec::new())? {
        Some(Member::Group(root)) => Ok(root),
        _ => Err(damaged("its root is no group")),
    }
}

/// The group or data set whose header is at `address`; nothing if it is neither. `above` are the
/// addresses of the groups it lies in.
fn object(file: &File<'_>, address: u64, above: &mut Vec<u64>) -> Result<Option<Member>> {
    if above.contains(&address) {
        return Err(damaged("a group lies in itself"));
    }
    if above.len() >= DEEPEST {
        return Err(damaged(format!("groups lie more than {DEEPEST} deep in one another")));
    }
    let messages = header::messages(file, address)?;
    let has = |kinds: &[u16]| messages.iter().any(|message| kinds.contains(&message.kind));
    let attributes = attributes(file, &messages)?;
    if has(&[kind::LAYOUT]) || has(&[kind::DATATYPE]) && has(&[kind::DATASPACE]) {
        return dataset(file, &messages, &attributes);
    }
    if !has(&[kind::SYMBOL_TABLE, kind::LINK_INFO, kind::LINK, kind::GROUP_INFO]) {
        // A type with a name of its own holds nothing.
        let is_type = has(&[kind::DATATYPE]);
        return if is_type { Ok(None) } else { Err(damaged("neither a group nor a data set")) };
    }
    above.push(address);
    let members = members(file, &messages, above)?;
    above.pop();
    Ok(Some(Member::Group(Group { attributes, members })))
}

fn members<'a>(
    file: &File<'a>,
    messages: &[Message<'a>],
    above: &mut Vec<u64>,
) -> Result<Vec<(String, Member)>> {
    let mut members = Vec::new();
    for (name, address) in links(file, messages)? {
        let member = object(file, address, above).map_err(|e| within(e, &name))?;
        members.extend(member.map(|member| (name, member)));
    }
    Ok(members)
}

/// Puts the name in front; that of the group it lies in comes before it.
fn within(error: Error, name: &str) -> Error {
    match error {
        Error::Data(message) => match message.strip_prefix('/') {
            Some(rest) => Error::Data(format!("/{name}/{rest}")),
            None => Error::Data(format!("/{name}: {message}")),
        },
        error => Error::Data(format!("/{name}: {error}")),
    }
}
