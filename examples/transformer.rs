//! Which language is a word of? A small transformer sees all letters of a word at once: each letter asks the
//! others what they are (MultiHeadAttention), and a small network makes something of the answers.
//!
//! Run it with `cargo run --release --example transformer`. The words are those of the example `words`, which
//! reads them letter by letter.

#[path = "support/languages.rs"]
mod languages;

use ceratops::prelude::*;
use languages::{IDS, LANGUAGES, LETTERS, Words, words};

/// How many numbers stand for a letter.
const WIDTH: usize = 32;
/// How many questions each letter asks.
const HEADS: usize = 4;

fn main() -> Result<()> {
    let (train, test) = words()?;
    println!("{} words to learn from, {} to be tested with\n", train.words.len(), test.words.len());
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let model = transformer(seed)?;
    println!("{}\n", model.summary());
    // Nothing is said of what the scores should be.
    let losses = [("language", Some("sparse_categorical_crossentropy")), ("attention", None)];
    let mut model = model.compile(Adam::new(0.002), losses, [("language", "accuracy")])?;
    let options = FitOptions::new().epochs(12).batch_size(32).seed(seed);
    model.fit(inputs(&train), [("language", train.y())], options)?;

    let logs = model.evaluate(inputs(&test), [("language", test.y())])?;
    let accuracy = 100.0 * logs["language_accuracy"];
    println!("\n{accuracy:.1}% of the words that it never saw are put right\n");
    look(&model, &["schmetterling", "farfalla", "papillons", "tomorrow", "manana"])
}

/// Letters and their places become vectors, which go through one block of a transformer encoder; their mean
/// decides. Out come the language, and which letter looked at which.
fn transformer(seed: u64) -> Result<Model> {
    let letters = Input::new([LETTERS]).named("letters").tensor();
    let places = Input::new([LETTERS]).named("places").tensor();
    // Both know where a word has no letters any more, and their sum does.
    let letter = Embedding::new(IDS, WIDTH).mask_zero(true).call(&letters)?;
    let place = Embedding::new(LETTERS + 1, WIDTH).mask_zero(true).call(&places)?;
    let x = Add::new().call([&letter, &place])?;

    let attention = MultiHeadAttention::new(HEADS, WIDTH / HEADS).named("attention").shared();
    let [heard, scores] = &attention.return_attention_scores(true).call_all([&x, &x])?[..] else {
        return Err(Error::Model("attention has two outputs".into()));
    };
    let x = LayerNormalization::new().call(Add::new().call([&x, heard])?)?;
    let h = Dense::new(2 * WIDTH).activation("relu").call(&x)?;
    let h = Dense::new(WIDTH).call(&h)?;
    let x = LayerNormalization::new().call(Add::new().call([&x, &h])?)?;

    let word = GlobalAveragePooling1D::new().call(&x)?;
    let language =
        Dense::new(LANGUAGES.len()).activation("softmax").named("language").call(&word)?;
    Model::with_seed(seed, [&letters, &places], [&language, scores])
}

/// The letters of words, and their places from 1 on; 0 where a word has ended.
fn inputs(words: &Words) -> [(&'static str, Tensor); 2] {
    let letters = words.x();
    let mut places = letters.clone();
    for row in places.as_mut_slice().chunks_exact_mut(LETTERS) {
        let letters = (1..=LETTERS).zip(row);
        letters.filter(|(_, id)| **id != 0.0).for_each(|(place, id)| *id = place as f32);
    }
    [("letters", letters), ("places", places)]
}

/// What it says of words, and the letters that were looked at most.
fn look(model: &CompiledModel, words: &[&str]) -> Result<()> {
    let asked = Words { words: words.iter().map(|&w| w.to_owned()).collect(), languages: vec![] };
    let outputs = model.predict_all(inputs(&asked))?.into_tensors();
    let answers = outputs[0].argmax(-1)?;
    // For each word (heads, letters that look, letters that are looked at).
    let scores = outputs[1].as_slice().chunks_exact(HEADS * LETTERS * LETTERS);
    for ((word, answer), scores) in words.iter().zip(answers).zip(scores) {
        let language = LANGUAGES[answer];
        let count = word.len().min(LETTERS);
        let seen = |letter: usize| {
            let of_rows = scores.chunks_exact(LETTERS).enumerate();
            of_rows
                .filter(|(row, _)| row % LETTERS < count)
                .map(|(_, row)| row[letter])
                .sum::<f32>()
        };
        let mean = (HEADS * count) as f32 / count as f32;
        let marked: String = word
            .chars()
            .take(count)
            .enumerate()
            .map(|(at, c)| if seen(at) > 1.3 * mean { c.to_ascii_uppercase() } else { c })
            .collect();
        println!("{word:>14}  {language:<8}  looked at most: {marked}");
    }
    Ok(())
}
