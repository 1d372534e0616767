//! What a member of a zip archive holds, as a stream that checks itself.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};

use ceratops_core::{Error, Result};
use flate2::{Crc, read::DeflateDecoder};

use super::directory::{Entry, LOCAL_LEN, at, u16_at, u32_at};

const LOCAL: [u8; 4] = *b"PK\x03\x04";

/// A member that is being read.
pub(super) struct Member<'a, R> {
    data: Data<'a, R>,
    /// How many bytes are still to come.
    left: u64,
    crc: Crc,
    expected_crc: u32,
}

enum Data<'a, R> {
    Stored(Take<&'a mut R>),
    Deflated(DeflateDecoder<BufReader<Take<&'a mut R>>>),
}

impl<'a, R: Read + Seek> Member<'a, R> {
    /// Finds the member's data.
    pub(super) fn open(from: &'a mut R, entry: &Entry) -> Result<Self> {
        if entry.encrypted {
            return Err(Error::Data("it is encrypted; expected one that is not".into()));
        }
        let local = at(from, entry.offset, LOCAL_LEN)?;
        if !local.starts_with(&LOCAL) {
            return Err(Error::Data("its header is not where the archive says".into()));
        }
        supported(entry)?;
        agree(&local, entry)?;
        let name = at(from, entry.offset + LOCAL_LEN as u64, entry.raw_name.len())?;
        if usize::from(u16_at(&local, 26)) != name.len() || name != entry.raw_name {
            let name = String::from_utf8_lossy(&name).into_owned();
            return Err(Error::Data(format!("its own header calls it \"{name}\"")));
        }
        let names = u64::from(u16_at(&local, 26)) + u64::from(u16_at(&local, 28));
        let start = SeekFrom::Start(entry.offset + LOCAL_LEN as u64 + names);
        from.seek(start).map_err(|e| Error::Data(e.to_string()))?;
        let stored = from.take(entry.stored);
        let data = match entry.method {
            0 => Data::Stored(stored),
            _ => Data::Deflated(DeflateDecoder::new(BufReader::new(stored))),
        };
        Ok(Self { data, left: entry.size, crc: Crc::new(), expected_crc: entry.crc })
    }

    /// Refuses a member that is not read to its end, or is not what the archive says.
    pub(super) fn finish(mut self) -> Result<()> {
        if self.left > 0 {
            return Err(Error::Data(format!("{} bytes too many", self.left)));
        }
        let more = match &mut self.data {
            Data::Stored(_) => 0,
            Data::Deflated(from) => from.read(&mut [0]).map_err(|e| Error::Data(e.to_string()))?,
        };
        if more > 0 {
            return Err(Error::Data("it holds more than the archive says".into()));
        }
        if self.crc.sum() != self.expected_crc {
            return Err(Error::Data("it is damaged: its check sum is another".into()));
        }
        Ok(())
    }
}

/// Refuses what is compressed in another way.
fn supported(entry: &Entry) -> Result<()> {
    match entry.method {
        0 if entry.stored != entry.size => {
            Err(Error::Data("it is stored in another size than it has".into()))
        }
        0 | 8 => Ok(()),
        other => Err(Error::Data(format!(
            "it is compressed by method {other}; expected stored (0) or deflated (8)"
        ))),
    }
}

/// Refuses a member whose header says something else than the list. Sizes and check sum may stand
/// behind it, or in a zip64 field.
fn agree(local: &[u8], entry: &Entry) -> Result<()> {
    let stands_behind = u16_at(local, 6) & 8 != 0;
    let told = |at: usize, number: u64| {
        let own = u32_at(local, at);
        stands_behind || own == u32::MAX || u64::from(own) == number
    };
    let same = u16_at(local, 8) == entry.method
        && told(14, entry.crc.into())
        && told(18, entry.stored)
        && told(22, entry.size);
    if same {
        return Ok(());
    }
    Err(Error::Data("its header and the archive's list of members differ".into()))
}

impl<R: Read> Read for Member<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // It never gives more than the archive says, whatever was compressed.
        let len = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let buffer = &mut buffer[..len];
        let read = match &mut self.data {
            Data::Stored(from) => from.read(buffer)?,
            Data::Deflated(from) => from.read(buffer)?,
        };
        if read == 0 && len > 0 {
            let message = format!("it ends early: {} bytes are missing", self.left);
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
        }
        self.crc.update(&buffer[..read]);
        self.left -= read as u64;
        Ok(read)
    }
}
