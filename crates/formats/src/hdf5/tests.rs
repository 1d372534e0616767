//! Files of every form that h5py writes, and the writer's own.

use std::{fs, path::Path};

use ceratops_core::Tensor;

use super::{Attribute, Group, Member, read, write};

pub(crate) fn file(name: &str) -> Group {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/files/h5");
    read(&fs::read(folder.join(name)).unwrap()).unwrap()
}

fn again(root: &Group) -> Group {
    let mut bytes = Vec::new();
    write(root, &mut bytes).unwrap();
    read(&bytes).unwrap()
}

#[track_caller]
fn numbers(root: &Group, path: &str) -> Vec<f32> {
    root.get(path).and_then(Member::to_tensor).expect(path).into()
}

const FORMS: [&str; 3] = ["earliest.h5", "latest.h5", "tracked.h5"];

#[test]
fn every_type_of_number_is_read() {
    for name in FORMS {
        let root = file(name);
        for number in "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8".split(' ') {
            assert_eq!(numbers(&root, &format!("types/{number}")), [0.0, 1.0, 2.0, 100.0]);
        }
        for number in "f2 f4 f8 i2 i8".split(' ') {
            assert_eq!(numbers(&root, &format!("types/big_{number}")), [0.0, 1.0, 2.0, 100.0]);
        }
        assert_eq!(numbers(&root, "types/?"), [0.0, 1.0, 1.0, 0.0]);
        assert_eq!(numbers(&root, "types/minus"), [-1.0, -128.0]);
        // The nearest half to 6e-8 is the smallest there is.
        let smallest = 2f32.powi(-24);
        assert_eq!(numbers(&root, "types/minus_half"), [-1.5, smallest, f32::INFINITY]);
        assert_eq!(numbers(&root, "types/bfloat16"), [1.5, -2.0]);
        assert_eq!(numbers(&root, "scalar"), [2.0]);
        let large = Member::Integers { shape: vec![], values: vec![(1 << 53) + 1] };
        assert_eq!(root.get("large"), Some(&large));
        assert_eq!(root.get("empty"), Some(&Member::Tensor(Tensor::zeros(&[0, 3]))));
        assert_eq!((root.get("passed_over"), root.get("nothing")), (None, None));
    }
}

#[test]
fn chunks_are_put_together() {
    let ramp: Vec<f32> = (0..35u8).map(f32::from).collect();
    for name in FORMS {
        let root = file(name);
        for chunks in ["gzip", "plain", "one", "grows"] {
            assert_eq!(numbers(&root, &format!("chunks/{chunks}")), ramp, "{name}: {chunks}");
        }
        let mut part = [1.5; 16];
        (part[0], part[1], part[4], part[5]) = (7.0, 1.5, 1.5, 1.5);
        assert_eq!(numbers(&root, "chunks/part"), part);
        assert_eq!(numbers(&root, "unwritten"), [2.5; 3]);
    }
}

#[test]
fn attributes_are_read() {
    let texts = |texts: &[&str]| Attribute::Texts(texts.iter().map(|t| (*t).into()).collect());
    for name in FORMS {
        let root = file(name);
        for (name, value) in [
            ("text", Attribute::Text("grüße".into())),
            ("fixed", Attribute::Text("fixed".into())),
            ("names", texts(&["a", "bb", ""])),
            ("fixed_names", texts(&["x", "yy"])),
            ("none", Attribute::Numbers(vec![])),
            ("flag", Attribute::Numbers(vec![1.0])),
            ("long", Attribute::Text("x".repeat(5000))),
        ] {
            assert_eq!(root.attribute(name), Some(&value));
        }
        let many = root.group("many").unwrap();
        assert_eq!((many.members.len(), many.attributes.len()), (40, 20));
        assert_eq!(numbers(many, "d39"), [39.0]);
        assert_eq!(many.attribute("a19"), Some(&Attribute::Text("v19".into())));
    }
}

#[test]
fn what_is_written_is_read_again() {
    for name in FORMS {
        let root = file(name);
        assert!(sorted(again(&root)) == sorted(root), "{name} is another when it is written again");
    }
}

/// The group with its members and attributes in the order of their names.
pub(crate) fn sorted(mut group: Group) -> Group {
    group.attributes.sort_by(|a, b| a.0.cmp(&b.0));
    group.members.sort_by(|a, b| a.0.cmp(&b.0));
    for (_, member) in &mut group.members {
        if let Member::Group(group) = member {
            *group = sorted(std::mem::take(group));
        }
    }
    group
}

/// More than a leaf (8), than a node (8 x 32) and than a node of nodes holds, and more texts than a
/// collection.
#[test]
fn groups_and_lists_may_be_long() {
    for count in [0, 1, 8, 9, 256, 257, 8193, 20_000] {
        let mut root = Group::default();
        for number in 0..count {
            root.insert(&format!("n{number:05}"), Member::integer(number));
        }
        assert!(again(&root) == root, "{count} members");
    }
    let mut root = Group::default();
    for number in 0..40 {
        let names = (0..2000).map(|i| format!("{number}/{i}")).collect();
        root.attributes.push((format!("names{number}"), Attribute::Texts(names)));
    }
    assert!(again(&root) == root);
}

#[test]
fn what_hdf5_cannot_hold_is_refused() {
    let refusal = |root: &Group| write(root, &mut Vec::new()).unwrap_err().to_string();
    let mut root = Group::default();
    root.members.push(("a/b".into(), Member::integer(1)));
    assert!(refusal(&root).contains("\"a/b\""));
    root.members[0].0 = "a".into();
    root.members.push(("a".into(), Member::integer(2)));
    assert!(refusal(&root).contains("two things named \"a\""));
    let names = vec!["x".to_owned(); 5000];
    let root =
        Group { attributes: vec![("n".into(), Attribute::Texts(names))], members: Vec::new() };
    assert!(refusal(&root).contains("attribute of 80"), "{}", refusal(&root));
}
