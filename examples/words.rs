//! Which language is a word of? A network reads it letter by letter: each letter is looked up in a table of
//! vectors that it learns (Embedding), a recurrent layer remembers what it has read, and a Dense layer decides.
//! Two such layers are compared: a GRU, which reads forward, and Bidirectional(LSTM), which reads from both ends.
//!
//! Run it with `cargo run --release --example words`, with words of your own behind `--` if you like. It
//! learns from 6,000 words of five languages, without their accents, and is tested with 1,500 others
//! (`examples/data/README.md` says where they come from).

#[path = "support/languages.rs"]
mod languages;

use ceratops::prelude::*;
use languages::{IDS, LANGUAGES, LETTERS, Words, words};

fn main() -> Result<()> {
    let (train, test) = words()?;
    println!("{} words to learn from, {} to be tested with\n", train.words.len(), test.words.len());
    trained(GRU::new(64), &train, &test)?;
    let model = trained(Bidirectional::new(LSTM::new(64)), &train, &test)?;
    confusions(&model, &test)?;
    letters(&model)?;

    let own: Vec<String> = std::env::args().skip(1).collect();
    let asked = "butterfly papillon schmetterling farfalla mariposa kindergarten tomorrow demain morgen domani manana";
    let asked = if own.is_empty() { asked.split(' ').map(str::to_owned).collect() } else { own };
    ask(&model, asked)
}

/// A network around this recurrent layer, once it has learned.
fn trained(recurrent: impl IntoNode, train: &Words, test: &Words) -> Result<CompiledModel> {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let mut model = Sequential::with_seed(seed);
    model
        .add(Input::new([LETTERS]))?
        .add(Embedding::new(IDS, 16).mask_zero(true))?
        .add(recurrent)?
        .add(Dense::new(LANGUAGES.len()).activation("softmax"))?;
    println!("{}\n", model.summary());
    let mut model =
        model.compile(Adam::new(0.003), "sparse_categorical_crossentropy", "accuracy")?;
    let options = FitOptions::new().epochs(12).batch_size(32).seed(seed);
    model.fit(train.x(), train.y(), options)?;
    let logs = model.evaluate(test.x(), test.y())?;
    println!("\n{:.1}% of the words that it never saw are put right\n", 100.0 * logs["accuracy"]);
    Ok(model)
}

/// For each language how many of its words were taken for which, and one that was not put right.
fn confusions(model: &CompiledModel, test: &Words) -> Result<()> {
    println!("{:>9}  taken for", "");
    println!("{:>9}  {}", "a word of", LANGUAGES.map(|name| format!("{name:>8}")).join(""));
    let answers = answers(model, test)?;
    for (language, name) in LANGUAGES.into_iter().enumerate() {
        let own: Vec<usize> =
            (0..answers.len()).filter(|&i| test.languages[i] == language).collect();
        let of = |other: usize| own.iter().filter(|&&i| answers[i].0 == other).count();
        let counts: String =
            (0..LANGUAGES.len()).map(|other| format!("{:>8}", of(other))).collect();
        // The mistake of which it was surest.
        let wrong = own.iter().filter(|&&i| answers[i].0 != language);
        let surest = wrong.max_by(|&&a, &&b| answers[a].1.total_cmp(&answers[b].1));
        let surest = surest.map_or_else(String::new, |&i| {
            format!("   {}: {}?", test.words[i], LANGUAGES[answers[i].0])
        });
        println!("{name:>9}  {counts}{surest}");
    }
    println!();
    Ok(())
}

/// The language of each word, and its probability.
fn answers(model: &CompiledModel, words: &Words) -> Result<Vec<(usize, f32)>> {
    let y = model.predict(words.x())?;
    let languages = y.argmax(-1)?;
    Ok(y.rows().zip(languages).map(|(row, language)| (language, row[language])).collect())
}

/// Which letters it takes for most alike: whose vectors point in the same direction.
fn letters(model: &CompiledModel) -> Result<()> {
    let table = &model.model().get_layer("embedding")?.get_weights()[0];
    let rows: Vec<&[f32]> = table.as_slice().chunks_exact(16).collect();
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let alike = |a: usize, b: usize| {
        dot(rows[a], rows[b]) / (dot(rows[a], rows[a]) * dot(rows[b], rows[b])).sqrt()
    };
    let mut pairs: Vec<(f32, usize, usize)> = (1..IDS)
        .flat_map(|a| (1..a).map(move |b| (a, b)))
        .map(|(a, b)| (alike(a, b), b, a))
        .collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let letter = |id: usize| char::from(b'a' + (id - 1) as u8);
    let named = pairs.iter().take(6).map(|&(_, a, b)| format!("{} and {}", letter(a), letter(b)));
    println!("letters that it takes for alike: {}\n", named.collect::<Vec<_>>().join(", "));
    Ok(())
}

/// What it says of these words.
fn ask(model: &CompiledModel, words: Vec<String>) -> Result<()> {
    let asked = Words { languages: vec![0; words.len()], words };
    for (word, (language, probability)) in asked.words.iter().zip(answers(model, &asked)?) {
        println!("{word:>14}  {:<8} {:>3.0}%", LANGUAGES[language], 100.0 * probability);
    }
    Ok(())
}
