//! Ceratops beside its peers: every program in turn, on the same machine in the same minutes.

mod figures;
mod programs;
mod table;

use ceratops::prelude::*;

use crate::{options::Options, workloads};
use figures::Figures;
use programs::{PEERS, Program};

/// Runs the works by each peer that is installed, with Ceratops after each, and prints who was how
/// fast.
pub(crate) fn run(options: &Options) -> Result<()> {
    let (installed, missing): (Vec<_>, Vec<_>) =
        asked(&options.peers)?.into_iter().partition(|peer| peer.is_installed());
    let ours = Program::ourselves();
    let mut figures = Figures::default();
    for work in &options.works {
        let rivals: Vec<_> = installed.iter().filter(|peer| peer.knows(work)).collect();
        for round in 1..=options.rounds {
            let progress = |name: &str| eprintln!("{work}, round {round}: {name}");
            for peer in &rivals {
                progress(peer.name);
                figures.add(peer.name, None, work, peer.run(work, options));
                figures.add(ours.name, Some(peer.name), work, ours.run(work, options));
            }
            if rivals.is_empty() {
                progress(ours.name);
                figures.add(ours.name, None, work, ours.run(work, options));
            }
        }
    }
    print!("{}", table::markdown(&figures));
    for fault in &figures.faults {
        println!("\n{fault}");
    }
    if !missing.is_empty() {
        let names: Vec<_> = missing.iter().map(|peer| peer.name).collect();
        println!("\nNot installed (crates/bench/peers/setup.sh does it): {}", names.join(", "));
    }
    Ok(())
}

/// The peers of these names; all of them, if there are no names.
fn asked(names: &[String]) -> Result<Vec<Program>> {
    let known = || PEERS.map(|peer| peer.name);
    for name in names {
        if !known().contains(&name.as_str()) {
            return Err(Error::unknown("peer", name, known()));
        }
    }
    let wanted = |peer: &Program| names.is_empty() || names.iter().any(|name| name == peer.name);
    Ok(PEERS.into_iter().filter(wanted).collect())
}

/// Whether a work is a network, which peers can run too.
fn is_network(work: &str) -> bool {
    workloads::ALL.iter().any(|network| network.name == work)
}
