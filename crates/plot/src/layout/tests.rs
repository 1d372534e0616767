//! Layouts of random graphs: boxes apart, and no line through a box.

use super::{Extent, Held, Layout, Link};
use crate::mark::Point;

/// Numbers that look random, the same ones each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count
    }
}

fn link(from: usize, to: usize) -> Link {
    Link { from, to, leaves: None, enters: None }
}

fn boxes(count: usize, dice: &mut Dice) -> Vec<Extent> {
    let mut some = |least: usize, more: usize| (least + dice.below(more)) as f64;
    let one = |_| Extent { left: some(20, 200), right: some(20, 200), height: some(30, 300) };
    (0..count).map(one).collect()
}

/// Links as of a model's layers: each reads one or two made shortly before, and now and then one
/// from far above, or from below.
fn links(count: usize, dice: &mut Dice) -> Vec<Link> {
    let mut links = Vec::new();
    for to in 1..count {
        for _ in 0..=dice.below(2) {
            links.push(link(to - 1 - dice.below(to.min(4)), to));
        }
        match dice.below(8) {
            0 => links.push(link(dice.below(to), to)),
            1 => links.push(link(to, dice.below(to))),
            _ => {}
        }
    }
    links
}

/// Whether the way from `a` to `b` leads through a box, given by two corners.
fn meets(a: Point, b: Point, (left, top): Point, (right, bottom): Point) -> bool {
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    for (start, end, least, most) in [(a.0, b.0, left, right), (a.1, b.1, top, bottom)] {
        let way = end - start;
        if way == 0.0 {
            if start <= least || start >= most {
                return false;
            }
            continue;
        }
        let (enter, leave) = ((least - start) / way, (most - start) / way);
        (from, to) = (from.max(enter.min(leave)), to.min(enter.max(leave)));
    }
    from < to
}

#[track_caller]
fn check(boxes: &[Extent], links: &[Link], layout: &Layout) {
    let (width, height) = layout.size;
    let corners = |i: usize| {
        let ((x, y), extent) = (layout.places[i], boxes[i]);
        ((x - extent.left, y), (x + extent.right, y + extent.height))
    };
    for i in 0..boxes.len() {
        let ((left, top), (right, bottom)) = corners(i);
        assert!(2.0 * left >= -width && 2.0 * right <= width && top >= 0.0 && bottom <= height);
        for other in 0..i {
            let ((l, t), (r, b)) = corners(other);
            let apart = left.max(l) - right.min(r) >= 10.0 || top.max(t) - bottom.min(b) >= 10.0;
            assert!(apart, "boxes {other} and {i}");
        }
    }
    for (link, route) in links.iter().zip(&layout.routes) {
        for (i, end) in [(link.from, route[0]), (link.to, route[route.len() - 1])] {
            let ((left, top), (right, bottom)) = corners(i);
            assert!(
                left <= end.0 && end.0 <= right && (end.1 == top || end.1 == bottom),
                "{link:?}"
            );
        }
        for pair in route.windows(2) {
            for i in 0..boxes.len() {
                let ((left, top), (right, bottom)) = corners(i);
                let through = meets(pair[0], pair[1], (left, top + 0.01), (right, bottom - 0.01));
                assert!(!through, "{link:?} leads through {i}: {pair:?} {:?}", corners(i));
            }
        }
    }
}

#[test]
fn no_line_leads_through_a_box() {
    for seed in 0..300 {
        let dice = &mut Dice(seed);
        let count = 1 + dice.below(40);
        let (boxes, links) = (boxes(count, dice), links(count, dice));
        for sources in [false, true] {
            let layout = Layout::new(&boxes, &links, Held { sources, last: 0 }).unwrap();
            check(&boxes, &links, &layout);
            let again = Layout::new(&boxes, &links, Held { sources, last: 0 }).unwrap();
            assert_eq!((layout.places, layout.routes), (again.places, again.routes));
        }
    }
}

#[test]
fn a_chain_stands_below_one_another() {
    let dice = &mut Dice(7);
    let sizes = |_| {
        let half = dice.below(200) as f64 / 3.0;
        Extent { left: half, right: half, height: 40.0 }
    };
    let boxes: Vec<Extent> = (0..100).map(sizes).collect();
    let links: Vec<Link> = (1..100).map(|to| link(to - 1, to)).collect();
    let layout = Layout::new(&boxes, &links, Held::default()).unwrap();
    assert!(layout.places.iter().all(|&(x, _)| x == 0.0));
    assert!(layout.routes.iter().all(|route| route.len() == 2));
    assert_eq!(layout.order, (0..100).collect::<Vec<_>>());
}

#[test]
fn what_is_held_stands_first_or_last() {
    let boxes = [Extent { left: 10.0, right: 10.0, height: 20.0 }; 6];
    let links = [link(0, 2), link(2, 3), link(1, 3), link(2, 4), link(3, 5)];
    let row = |layout: &Layout, i: usize| layout.places[i].1;
    let free = Layout::new(&boxes, &links, Held::default()).unwrap();
    assert!(row(&free, 1) > row(&free, 0) && row(&free, 4) < row(&free, 5));
    let held = Layout::new(&boxes, &links, Held { sources: true, last: 2 }).unwrap();
    assert!(row(&held, 1) == row(&held, 0) && row(&held, 4) == row(&held, 5));
}

#[test]
fn lines_that_need_not_cross_do_not() {
    // Two ladders whose steps are told in turn, the second the other way round.
    let boxes = [Extent { left: 10.0, right: 10.0, height: 20.0 }; 12];
    let links: Vec<Link> = (0..10).map(|i| link(if i < 2 { 1 - i } else { i }, i + 2)).collect();
    let layout = Layout::new(&boxes, &links, Held::default()).unwrap();
    let sides: Vec<bool> = layout.places.iter().map(|&(x, _)| x > 0.0).collect();
    assert!(links[2..].iter().all(|link| sides[link.from] == sides[link.to]), "{sides:?}");
    assert!(layout.routes.iter().all(|route| route.len() == 2), "all go straight down");
}

#[test]
fn thousands_of_boxes_take_seconds_and_too_many_lines_are_refused() {
    let dice = &mut Dice(1);
    let boxes = boxes(2000, dice);
    let links = links(2000, dice);
    let start = std::time::Instant::now();
    Layout::new(&boxes, &links, Held::default()).unwrap();
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    let every = (1..2000).flat_map(|to| (0..to).map(move |from| link(from, to)));
    let error = Layout::new(&boxes, &every.collect::<Vec<_>>(), Held::default()).unwrap_err();
    assert!(error.to_string().contains("2000 layers with 1999000 connections"), "{error}");
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}
