//! Random numbers drawn for one purpose are not those of another.

use ceratops_core::{Context, Purpose, rng};

#[test]
fn no_two_purposes_share_their_numbers() {
    let mut all = vec![rng(1), Context::training(1, 0, 0).rng(), Context::training(1, 1, 0).rng()];
    all.push(Context::training(1, 0, 1).rng());
    for seed in [0, 1] {
        all.push(rng(seed + 2));
        all.push(Purpose::Initializer.rng(seed));
        for index in [0, 1] {
            all.push(Purpose::Weights { layer: index }.rng(seed));
            all.push(Purpose::Shuffle { epoch: index }.rng(seed));
        }
    }
    // The first block of each, whose words are as good as unique.
    let mut words: Vec<u64> = all.iter_mut().map(next).collect();
    let count = words.len();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), count);
}

#[test]
fn a_seed_gives_the_same_numbers_again() {
    assert_eq!(next(&mut rng(7)), next(&mut rng(7)));
    let run = || Context::training(3, 5, 2);
    assert_eq!(next(&mut run().rng()), next(&mut run().rng()));
    let mut one_run = run();
    assert_ne!(next(&mut one_run.rng()), next(&mut one_run.rng()));
}

fn next(rng: &mut ceratops_core::Rng) -> u64 {
    rand_chacha::rand_core::RngCore::next_u64(rng)
}
