//! Which names of layers a reader takes.

use ceratops_core::Result;

use super::{Out, Words, piece::Piece};
use crate::json::log::join;

/// Refuses a name that the reader refuses; of two readers, says which one does.
pub(super) fn check(piece: &Piece, out: &mut Out) -> Result<()> {
    let also = match out.words {
        Words::Keras3 | Words::Keras3Short => return Ok(()),
        Words::Keras2 | Words::Keras2And3 => "_.\\/>-",
        Words::Portable | Words::TensorFlowJs => "_./-",
    };
    let first = if also.contains('>') { "." } else { "" };
    let takes = |c: char, also: &str| c.is_ascii_alphanumeric() || also.contains(c);
    let mut letters = piece.name.chars();
    if letters.next().is_some_and(|c| takes(c, first)) && letters.all(|c| takes(c, also)) {
        return Ok(());
    }
    let who = if first.is_empty() { "TensorFlow.js" } else { "Keras 2" };
    let reason = format!(
        "{who} takes only names of letters and digits of ASCII, and of {also} from the second place \
         on; give the layer another name"
    );
    if out.words == Words::Keras2And3 {
        out.keep(&join(&piece.path, "config"), "name", reason);
        return Ok(());
    }
    Err(piece.error("name", reason))
}
