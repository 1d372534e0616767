//! Layers behind which masks are others for those who read a file than here.

use super::{Out, Words, piece::Piece};
use crate::json::{Change, Note, functional::rule_before_keras3};

/// Notes them, if the model makes masks at all. The layers themselves are written as they are.
pub(super) fn check(model: &Piece, out: &mut Out) {
    if makes_masks(model) {
        note(model, out);
    }
}

fn makes_masks(piece: &Piece) -> bool {
    let zero = piece.config.get("mask_zero").is_some_and(|zero| *zero == true);
    zero || piece.class_name == "Masking" || piece.inner().any(makes_masks)
}

fn note(piece: &Piece, out: &mut Out) {
    if piece.is_operation() {
        return;
    }
    let older = rule_before_keras3(&piece.class_name, piece.calls.as_deref().unwrap_or(&[]));
    let readers: &[Option<&str>] = match out.words {
        Words::Keras3 | Words::Keras3Short => &[None],
        Words::Keras2 | Words::TensorFlowJs => &[older],
        Words::Keras2And3 | Words::Portable => &[None, older],
    };
    let own = piece.masks.as_deref();
    if readers.iter().any(|rule| *rule != own) {
        let here = match (own, older) {
            (Some("end"), _) => "masks end",
            (Some("first"), _) => "the mask of the sequence counts though states are given",
            (None, Some("first")) => "no mask counts where states are given",
            (Some(_), _) => "a step counts where it does in all inputs",
            (None, Some("all")) => "a step counts where it does in any input",
            (None, _) => "masks go on",
        };
        let text = format!(
            "that at \"{}\" {here}, which not all readers have so: for masked samples they put out other \
             numbers",
            piece.name
        );
        out.notes.push(Note { path: piece.path.clone(), change: Change::LeftOut, text });
    }
    let keras2 = matches!(out.words, Words::Keras2 | Words::Keras2And3 | Words::Portable);
    if keras2 && piece.class_name == "MultiHeadAttention" {
        let text = format!(
            "that a query of \"{}\" which may look at no key looks at nothing where scores are put out or \
             dropped: in Keras 2 it looks at all alike",
            piece.name
        );
        out.notes.push(Note { path: piece.path.clone(), change: Change::LeftOut, text });
    }
    // TensorFlow.js does not know of it.
    let zero = piece.config.get("zero_output_for_mask").is_some_and(|zero| *zero == true);
    if zero && matches!(out.words, Words::Portable | Words::TensorFlowJs) {
        let text = format!("that \"{}\" puts out 0 at masked times", piece.name);
        out.leave_out(&piece.path, "config.zero_output_for_mask", text);
    }
    piece.inner().for_each(|layer| note(layer, out));
}
