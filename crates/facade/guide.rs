//! The guide, as it stands in `docs`, and a part of its tests.
//!
//! Begin with [`getting_started`]; [`activations`] says which activation to take when.

/// Where the pages are when rustdoc shows them; in the files their names lead to other files.
macro_rules! links {
    () => {
        "[getting-started]: crate::guide::getting_started
[activations]: crate::guide::activations
[adding-a-layer]: crate::guide::adding_a_layer
[architecture]: crate::guide::architecture
[callbacks]: crate::guide::callbacks
[coming-from-keras]: crate::guide::coming_from_keras
[custom-pieces]: crate::guide::custom_pieces
[data]: crate::guide::data
[deployment]: crate::guide::deployment
[diagnosis]: crate::guide::diagnosis
[files]: crate::guide::files
[fine-tuning]: crate::guide::fine_tuning
[functional]: crate::guide::functional
[performance]: crate::guide::performance
[saving]: crate::guide::saving
[training]: crate::guide::training
"
    };
}

macro_rules! page {
    ($($name:ident $file:literal)*) => {$(
        #[doc = links!()]
        #[doc = include_str!($file)]
        pub mod $name {}
    )*};
}

page! {
    getting_started "../../docs/guide/getting-started.md"
    activations "../../docs/guide/activations.md"
    functional "../../docs/guide/functional.md"
    training "../../docs/guide/training.md"
    data "../../docs/guide/data.md"
    callbacks "../../docs/guide/callbacks.md"
    saving "../../docs/guide/saving.md"
    fine_tuning "../../docs/guide/fine-tuning.md"
    deployment "../../docs/guide/deployment.md"
    diagnosis "../../docs/guide/diagnosis.md"
    custom_pieces "../../docs/guide/custom-pieces.md"
    coming_from_keras "../../docs/guide/coming-from-keras.md"
    files "../../docs/files.md"
    adding_a_layer "../../docs/adding-a-layer.md"
    architecture "../../docs/architecture.md"
    performance "../../docs/performance.md"
}
