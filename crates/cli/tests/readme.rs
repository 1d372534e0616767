//! The session in the project's README: what it shows is what comes out.

mod common;

use std::fs;

use ceratops::{datasets::mnist, formats::npy};
use common::{Folder, project};

#[test]
fn the_session_in_the_readme_is_true() {
    let folder = Folder::new("readme");
    fs::copy(project("examples/data/cnn.json"), folder.path("cnn.json")).unwrap();
    let digits = mnist::digits().unwrap().train;
    let (x, y) = (digits.x.batch_slice(0..1000).unwrap(), digits.y.batch_slice(0..1000).unwrap());
    let file = fs::File::create(folder.path("digits.npz")).unwrap();
    npy::write_npz(file, &[("x".into(), x), ("y".into(), y)]).unwrap();

    let readme = fs::read_to_string(project("README.md")).unwrap();
    let (_, session) = readme.split_once("```console\n").unwrap();
    let (session, _) = session.split_once("```").unwrap();
    let session = session.replace("\\\n", "");
    let steps: Vec<&str> = session.split("$ ceratops ").skip(1).collect();
    assert!(steps.len() > 3);
    for step in steps {
        let (line, expected) = step.split_once('\n').unwrap();
        let run = folder.run(line);
        let shown = format!("{}{}", run.err, run.out);
        assert_eq!(run.code, Some(0), "{line}\n{shown}");
        assert!(alike(expected, &shown), "{line}\nREADME:\n{expected}\nprogram:\n{shown}");
    }
}

/// Whether two texts are equal, but that numbers may differ by a twentieth: other processors round
/// otherwise, and training makes more of that.
fn alike(a: &str, b: &str) -> bool {
    let number = |word: &str| word.parse::<f64>().ok();
    let near = |(a, b): (&str, &str)| match (number(a), number(b)) {
        (Some(x), Some(y)) => (x - y).abs() <= 0.05 * x.abs(),
        _ => a == b,
    };
    let (a, b): (Vec<&str>, Vec<&str>) =
        (a.split_whitespace().collect(), b.split_whitespace().collect());
    a.len() == b.len() && a.into_iter().zip(b).all(near)
}
