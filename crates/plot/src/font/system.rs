//! Letters that the embedded font does not have, from the fonts of the system.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use fontdb::{Database, FaceInfo, ID, Style, Weight};
use ttf_parser::Face;

/// Families that have the letters of many languages, in the order in which they are asked.
const LARGE: [&str; 10] = [
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "IPAGothic",
    "Hiragino Sans",
    "PingFang SC",
    "Yu Gothic",
    "Malgun Gothic",
    "Arial Unicode MS",
];

/// No more fonts are looked through for a letter.
const MOST: usize = 300;

/// The fonts of the system, the likeliest first.
static FONTS: LazyLock<(Database, Vec<ID>)> = LazyLock::new(|| {
    let mut fonts = Database::new();
    fonts.load_system_fonts();
    let mut order: Vec<(usize, String, ID)> =
        fonts.faces().map(|face| (rank(face), face.post_script_name.clone(), face.id)).collect();
    order.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let order = order.into_iter().map(|(_, _, id)| id).take(MOST).collect();
    (fonts, order)
});

/// The font of each letter that was looked for.
static FOUND: LazyLock<Mutex<HashMap<char, Option<&'static Face<'static>>>>> =
    LazyLock::new(Mutex::default);

/// A font of the system that has the letter.
pub(super) fn face_with(c: char) -> Option<&'static Face<'static>> {
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = found.get(&c) {
        return *known;
    }
    // One that has another letter most likely has this one.
    let near = found.values().flatten().find(|face| has(face, c)).copied();
    let face = near.or_else(|| look_for(c));
    found.insert(c, face);
    face
}

fn look_for(c: char) -> Option<&'static Face<'static>> {
    let (fonts, order) = &*FONTS;
    order.iter().find_map(|&id| {
        let (data, index) = fonts.with_face_data(id, |data, index| {
            let face = Face::parse(data, index).ok()?;
            has(&face, c).then(|| (data.to_vec(), index))
        })??;
        // As long as the program runs: of a handful of fonts, each once.
        let face = Face::parse(Vec::leak(data), index).ok()?;
        Some(&*Box::leak(Box::new(face)))
    })
}

/// Whether a font has the letter, and draws it with lines: pictures of letters are no outlines.
fn has(face: &Face<'_>, c: char) -> bool {
    face.glyph_index(c).is_some_and(|glyph| face.glyph_bounding_box(glyph).is_some())
}

/// Upright regular fonts come first, and those of many languages before all.
fn rank(face: &FaceInfo) -> usize {
    let large = |name: &str| face.families.iter().any(|(family, _)| family == name);
    let place = LARGE.iter().position(|name| large(name)).unwrap_or(LARGE.len());
    let plain = face.style == Style::Normal && face.weight == Weight::NORMAL;
    if plain { place } else { place + LARGE.len() + 1 }
}
