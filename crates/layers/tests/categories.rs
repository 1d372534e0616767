//! Layers that look things up, against what real Keras finds; and strings on their way to them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's helpers fail by panicking")]

use ceratops_core::{Context, Error, Result, Rng, Shape, Tensor, Text};
use ceratops_layers::{
    Add, CallLayer, Concatenate, Dense, Discretization, Flatten, HashedCrossing, Hashing, Input,
    IntegerLookup, Model, Node, OutputMode, Registry, StringLookup, TextVectorization, sequential,
};
use rand::SeedableRng;
use serde_json::{Map, Value, json};

/// The cases of one class.
fn cases(class: &str) -> Map<String, Value> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/preprocessing");
    let text = std::fs::read_to_string(format!("{root}/{class}.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn array(value: &Value) -> Tensor {
    let list = |key: &str| value[key].as_array().map(Vec::as_slice).unwrap_or_default().iter();
    let shape: Vec<usize> = list("shape").map(|n| n.as_u64().unwrap() as usize).collect();
    if value.get("strings").is_some() {
        let strings = list("strings").map(|s| s.as_str().unwrap().to_owned()).collect();
        return Text::new(&shape, strings).unwrap().into();
    }
    Tensor::new(&shape, list("data").map(|n| n.as_f64().unwrap() as f32).collect()).unwrap()
}

/// The words that a layer knows.
fn vocabulary(node: &Node) -> Vec<String> {
    if let Some(layer) = node.downcast_ref::<StringLookup>() {
        return layer.get_vocabulary();
    }
    if let Some(layer) = node.downcast_ref::<TextVectorization>() {
        return layer.get_vocabulary();
    }
    let layer = node.downcast_ref::<IntegerLookup>().unwrap();
    layer.get_vocabulary().iter().map(ToString::to_string).collect()
}

fn check(class: &str) {
    let cases = cases(class);
    assert!(!cases.is_empty());
    for (name, case) in &cases {
        let mut node = Registry::builtin().layer(&case["layer"]).unwrap();
        if case["adapt"].is_object() {
            node.adapt(array(&case["adapt"])).unwrap();
        }
        if let Some(expected) = case["vocabulary"].as_array() {
            let expected: Vec<&str> = expected.iter().map(|v| v.as_str().unwrap()).collect();
            assert_eq!(vocabulary(&node), expected, "{class} {name}");
        }
        let (x, expected) = (array(&case["x"]), array(&case["y"]));
        let mut layer = node.layer().boxed_clone();
        layer.build(&Shape::of(&[1]), &mut Rng::seed_from_u64(1)).unwrap();
        let y = layer.forward(x, &mut Context::inference()).unwrap().0;
        let near = |a: &f32, b: &f32| (a - b).abs() <= 1e-5 * a.abs().max(1.0);
        let pairs = || y.as_slice().iter().zip(expected.as_slice());
        let same = y.shape() == expected.shape() && pairs().all(|(a, b)| near(a, b));
        assert!(same, "{class} {name}: {} gives {y:?}, not {}", case["layer"], case["y"]);
    }
}

macro_rules! classes {
    ($($class:ident)*) => { $(#[test] fn $class() { check(stringify!($class)); })* };
}

classes! {
    category_encoding discretization hashing string_lookup integer_lookup text_vectorization
}

#[test]
fn strings_come_back_as_they_went() {
    let long = "Straße 世界 ".repeat(400);
    let strings = ["", "a", "ab", "abc", "abcd", "Zürich", "🦕", "\0\n", &long];
    let text = Text::from(strings);
    assert_eq!(Text::of(&Tensor::from(text.clone())).unwrap(), text);
    let numbers = [i64::MIN, -1, 0, 1 << 53, (1 << 53) + 1, i64::MAX];
    let back = Text::of(&Tensor::from(numbers)).unwrap();
    let back: Vec<i64> = back.strings().iter().map(|n| n.parse().unwrap()).collect();
    assert_eq!(back, numbers);
    assert!(Text::of(&Tensor::from([1.0, 2.0, 3.0])).is_err());
}

/// A vocabulary is found, and a model of its lookup answers and learns.
#[test]
fn a_model_takes_strings_and_numbers_side_by_side() -> Result<()> {
    let (city, age) = (Input::text([1]).tensor(), Input::new([1]).tensor());
    let mut lookup = StringLookup::new().output_mode(OutputMode::OneHot);
    lookup.adapt(["Bern", "Basel", "Bern"])?;
    let known = lookup.call(&city)?;
    assert_eq!(known.shape(), &Shape::batched([3]));
    let joined = Concatenate::new().call([&known, &age])?;
    let model = Model::new([&city, &age], [&Dense::new(2).call(&joined)?])?;
    let cities = Tensor::from(["Bern", "Genf"]);
    let y = model.predict([&cities, &Tensor::from([[0.5], [1.0]])])?;
    assert_eq!(y.shape(), [2, 2]);
    Ok(())
}

/// Fails unless the message has these words.
fn assert_says<T>(result: Result<T>, words: &[&str]) {
    let Err(error) = result else { panic!("it must be refused") };
    let text = error.to_string();
    assert!(words.iter().all(|word| text.contains(word)), "{text}");
}

#[test]
fn strings_reach_no_layer_that_computes() -> Result<()> {
    assert_says(
        sequential![Input::text([1]), Dense::new(2)],
        &["Dense", "strings", "StringLookup"],
    );
    assert_says(sequential![Input::text([1]), Flatten::new()], &["Flatten", "strings"]);
    let (a, b) = (Input::text([1]).tensor(), Input::text([1]).tensor());
    assert_says(Add::new().call([&a, &b]), &["Add", "strings"]);
    let inner = sequential![Dense::new(2)]?;
    assert_says(sequential![Input::text([1]), inner], &["Dense", "strings"]);
    Ok(())
}

#[test]
fn an_input_takes_what_it_is_for() -> Result<()> {
    let words = sequential![Input::text([1]), StringLookup::new().vocabulary(["a"])]?;
    assert_says(words.predict([[1.0], [2.0]]), &["strings", "numbers"]);
    assert_says(words.predict([["a", "b"]]), &["(None, 1)", "(1, 2)"]);
    let none = Text::new(&[0, 1], vec![])?;
    assert_eq!(words.predict(Tensor::from(none))?.shape(), [0, 1]);
    assert_eq!(words.predict(Tensor::zeros(&[0, 1]))?.shape(), [0, 1]);
    assert_eq!(words.predict(["a", "b"])?, [[1.0], [0.0]].into());
    assert_eq!(words.predict([["a"], ["b"]])?, [[1.0], [0.0]].into());
    // Three numbers a string are no three features.
    let numbers = sequential![Input::new([3]), Dense::new(1)]?;
    assert_says(numbers.predict(["abc", "def"]), &["strings", "numbers"]);
    Ok(())
}

#[test]
fn large_numbers_are_not_rounded_in_silence() -> Result<()> {
    let ids = || IntegerLookup::new().vocabulary([7, (1 << 24) + 1]);
    let numbers = sequential![Input::new([1]), ids()]?;
    assert_eq!(numbers.predict([[7.0], [8.0]])?, [[1.0], [0.0]].into());
    assert_says(numbers.predict([[16_777_217.0]]), &["16,777,216", "i64"]);
    // Given as integers they come through whole, where only such layers read them.
    assert_eq!(numbers.predict([7i64, 8, 16_777_217])?, [[1.0], [0.0], [2.0]].into());
    let dense = sequential![Input::new([1]), Dense::new(1)]?;
    assert_eq!(dense.predict([7i64])?, dense.predict([7.0])?);
    assert_says(dense.predict([16_777_217i64]), &["16777217", "floats"]);
    let text = sequential![Input::text([1]), ids()]?;
    assert_eq!(text.predict([16_777_217i64, 16_777_216])?, [[2.0], [0.0]].into());
    assert_says(text.predict(["seven"]), &["seven", "whole numbers"]);
    assert_says(sequential![Input::new([1]), Hashing::new(9)]?.predict([[1e9]]), &["i64"]);
    Ok(())
}

#[test]
fn an_input_of_strings_is_written_and_read() -> Result<()> {
    let mut words = TextVectorization::new().output_sequence_length(3);
    words.adapt(["a b c", "a b", "a"])?;
    let model = sequential![Input::text([1]), words]?;
    let entry = model.to_entry()?;
    assert_eq!(entry["config"]["layers"][0]["config"]["dtype"], "string");
    let again = Registry::builtin().layer(&entry)?;
    let again = again.as_model().unwrap();
    let x = || ["b a d", "c"];
    assert_eq!(again.predict(x())?, model.predict(x())?);
    assert_eq!(again.predict(x())?, [[3.0, 2.0, 1.0], [4.0, 0.0, 0.0]].into());
    assert_eq!(again.predict(Text::new(&[0, 1], vec![])?)?.shape(), [0, 3]);
    Ok(())
}

#[test]
fn without_a_vocabulary_there_is_advice() -> Result<()> {
    let message = |error: Error| error.to_string();
    let model = sequential![Input::text([1]), StringLookup::new()]?;
    assert!(message(model.predict(["a"]).unwrap_err()).contains("adapt"));
    let model = sequential![Input::new([1]), Discretization::with_bins(3)]?;
    assert!(message(model.predict([[1.0]]).unwrap_err()).contains("adapt"));
    Ok(())
}

#[test]
fn wrong_arguments_are_refused() {
    for (class, config, key) in [
        ("CategoryEncoding", json!({"num_tokens": 0}), "num_tokens"),
        ("CategoryEncoding", json!({"num_tokens": 3, "output_mode": "int"}), "output_mode"),
        ("Discretization", json!({}), "bin_boundaries"),
        ("Discretization", json!({"bin_boundaries": [2.0, 1.0]}), "bin_boundaries"),
        ("Discretization", json!({"num_bins": 3, "epsilon": 0.0}), "epsilon"),
        ("Hashing", json!({"num_bins": 0}), "num_bins"),
        ("StringLookup", json!({"vocabulary": ["a", "a"]}), "vocabulary"),
        ("StringLookup", json!({"vocabulary": ["b", "a"], "mask_token": "a"}), "vocabulary"),
        ("StringLookup", json!({"vocabulary": ["a", "b"], "max_tokens": 2}), "vocabulary"),
        ("StringLookup", json!({"pad_to_max_tokens": true}), "max_tokens"),
        ("StringLookup", json!({"invert": true, "output_mode": "count"}), "output_mode"),
        ("IntegerLookup", json!({"invert": true, "oov_token": null}), "oov_token"),
        ("StringLookup", json!({"vocabulary": ["a"], "output_mode": "tf_idf"}), "idf_weights"),
        ("IntegerLookup", json!({"max_tokens": 1}), "max_tokens"),
        ("IntegerLookup", json!({"num_oov_indices": 1u64 << 40}), "num_oov_indices"),
        ("TextVectorization", json!({"ragged": true}), "ragged"),
        ("TextVectorization", json!({"split": "words"}), "split"),
    ] {
        let entry = json!({ "class_name": class, "config": config });
        let error = Registry::builtin().layer(&entry).unwrap_err().to_string();
        assert!(error.starts_with(&format!("config.{key}: ")), "{class}: {error}");
    }
}

/// What Keras finds, for strings, for numbers and for both.
#[test]
fn crosses_have_the_bins_of_keras() -> Result<()> {
    let cross = |bins: usize, inputs: &[Input], xs: &[Tensor]| -> Result<Vec<f32>> {
        let inputs: Vec<_> = inputs.iter().map(|input| input.clone().tensor()).collect();
        let y = HashedCrossing::new(bins).call(inputs.clone())?;
        let xs: Vec<&Tensor> = xs.iter().collect();
        Ok(Model::new(inputs, [&y])?.predict(xs)?.as_slice().to_vec())
    };
    let (text, number) = (Input::text([1]), Input::new([1]));
    let long = "a longer string that is more than 32 bytes in length for sure, yes it is 64";
    let (a, b) = (Tensor::from(["A", "B", ""]), Tensor::from(["x", "yy", long]));
    assert_eq!(cross(1000, &[text.clone(), text.clone()], &[a, b])?, [210.0, 378.0, 413.0]);
    let (a, b) = (Tensor::from([[1.0], [-2.0]]), Tensor::from([[4.0], [5.0]]));
    assert_eq!(cross(1000, &[number.clone(), number.clone()], &[a, b])?, [725.0, 79.0]);
    let (a, b) = (Tensor::from(["A", "B"]), Tensor::from(["c", "d"]));
    let three = [text.clone(), text.clone(), number.clone()];
    let c = Tensor::from([[3.0], [4.0]]);
    assert_eq!(cross(1000, &three, &[a, b, c.clone()])?, [491.0, 351.0]);
    // One feature is no cross.
    assert!(cross(10, &[number], &[c]).is_err());
    Ok(())
}

#[test]
fn the_longest_text_of_all_says_how_long_the_others_become() {
    let words = TextVectorization::new().vocabulary(["a", "b"]);
    let model = sequential![Input::text([1]), words].unwrap();
    // So many samples are cut into chunks elsewhere.
    let mut texts = vec!["a b".to_owned(); 700];
    texts[3] = "b ".repeat(9);
    let y = model.predict(texts).unwrap();
    assert_eq!(y.shape(), [700, 9]);
    assert_eq!(y.as_slice()[9 * 699..], [2.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
}

/// What Keras finds: the mask's token for 0, the unknown one for numbers that no token has.
#[test]
fn numbers_become_tokens_again() -> Result<()> {
    let numbers = Tensor::from([[0.0, 1.0, 2.0], [3.0, 4.0, 99.0]]);
    let words = StringLookup::new().vocabulary(["a", "été"]).invert(true);
    let masked = words.clone().mask_token("").num_oov_indices(2);
    for (lookup, expected) in [
        (words, ["[UNK]", "a", "été", "[UNK]", "[UNK]", "[UNK]"]),
        (masked, ["", "[UNK]", "[UNK]", "a", "été", "[UNK]"]),
    ] {
        let model = sequential![Input::new([3]), lookup]?;
        let y = Text::of(&model.predict(&numbers)?)?;
        assert_eq!((y.shape(), y.strings()), (&[2, 3][..], &expected.map(String::from)[..]));
        // So many that they are cut into chunks, of which only the last has a long word.
        let many = Tensor::full(&[500, 3], 1.0);
        let many = Tensor::concat(&[many, numbers.clone()])?;
        let y = Text::of(&model.predict(&many)?)?;
        assert_eq!(
            (y.shape(), &y.strings()[1500..]),
            (&[502, 3][..], &expected.map(String::from)[..])
        );
    }
    let lookup = IntegerLookup::new().vocabulary([42, -7]).mask_token(0).invert(true);
    let model = sequential![Input::new([3]), lookup]?;
    assert_eq!(model.predict(&numbers)?, [[0.0, -1.0, 42.0], [-7.0, -1.0, -1.0]].into());
    let large = IntegerLookup::new().vocabulary([1_i64 << 40]).invert(true);
    let model = sequential![Input::new([1]), large]?;
    assert!(model.predict([[1.0]]).unwrap_err().to_string().contains("1099511627776"));
    Ok(())
}
