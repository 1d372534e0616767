//! In which row each box of a graph stands, and which links lead around others.

use super::{Held, Link};

/// Which links to turn around, so that none leads back to where it came from: a layer that is called
/// on what was made of its own output reads from below.
pub(super) fn turned(count: usize, links: &[Link]) -> Vec<bool> {
    let mut below = vec![Vec::new(); count];
    links.iter().enumerate().for_each(|(i, link)| below[link.from].push(i));
    let (mut met, mut on_the_way) = (vec![false; count], vec![false; count]);
    let mut turned = vec![false; links.len()];
    for start in 0..count {
        let mut way = if met[start] { Vec::new() } else { vec![(start, 0)] };
        while let Some((node, next)) = way.last_mut() {
            (met[*node], on_the_way[*node]) = (true, true);
            let Some(&link) = below[*node].get(*next) else {
                on_the_way[*node] = false;
                way.pop();
                continue;
            };
            *next += 1;
            let to = links[link].to;
            turned[link] = on_the_way[to];
            if !met[to] {
                way.push((to, 0));
            }
        }
    }
    turned
}

/// The row of each box: the longest way to it, counted in boxes. Links go from the first to the
/// second, and form no circle.
pub(super) fn ranks(count: usize, links: &[(usize, usize)], held: Held) -> Vec<usize> {
    let (mut below, mut above) = (vec![Vec::new(); count], vec![0; count]);
    for &(from, to) in links {
        below[from].push(to);
        above[to] += 1;
    }
    let mut waits = above.clone();
    let mut order: Vec<usize> = (0..count).filter(|&node| waits[node] == 0).collect();
    let mut ranks = vec![0; count];
    let mut done = 0;
    while let Some(&node) = order.get(done) {
        done += 1;
        for &to in &below[node] {
            ranks[to] = ranks[to].max(ranks[node] + 1);
            waits[to] -= 1;
            if waits[to] == 0 {
                order.push(to);
            }
        }
    }
    // What is read by more than it reads stands next to its readers: its lines become shorter.
    for &node in order.iter().rev() {
        let is_held = held.sources && above[node] == 0;
        if let (Some(next), false) = (below[node].iter().map(|&to| ranks[to]).min(), is_held)
            && below[node].len() > above[node]
        {
            ranks[node] = next - 1;
        }
    }
    let others = &ranks[..count - held.last];
    let last = others.iter().max().map_or(0, |rank| rank + 1);
    ranks[count - held.last..].fill(last);
    ranks
}

/// Which links lead around boxes: those whose ends are connected by a way over others too.
pub(super) fn around(links: &[(usize, usize)], ranks: &[usize]) -> Vec<bool> {
    let mut below = vec![Vec::new(); ranks.len()];
    links.iter().enumerate().for_each(|(i, &(from, to))| below[from].push((i, to)));
    let mut around = vec![false; links.len()];
    // Who was met last on the ways from which box, and who at their end, over others.
    let (mut met, mut behind) = (vec![usize::MAX; ranks.len()], vec![usize::MAX; ranks.len()]);
    for (from, reached) in below.iter().enumerate() {
        let Some(lowest) = reached.iter().map(|&(_, to)| ranks[to]).max() else { continue };
        if lowest <= ranks[from] + 1 {
            continue;
        }
        let mut waiting: Vec<usize> = reached.iter().map(|&(_, to)| to).collect();
        while let Some(node) = waiting.pop() {
            if ranks[node] >= lowest || std::mem::replace(&mut met[node], from) == from {
                continue;
            }
            for &(_, to) in &below[node] {
                behind[to] = from;
                waiting.push(to);
            }
        }
        reached.iter().for_each(|&(link, to)| around[link] = behind[to] == from);
    }
    around
}
