//! The same bits on any number of threads.

use ceratops_core::Tensor;
use ceratops_layers::{
    BatchNormalization, Conv2D, Dense, Dropout, Flatten, Input, MaxPooling2D, PReLU, PassOptions,
    Sequential, sequential,
};

use crate::{OPTIONS, draw};

/// A model with everything that could depend on the order of things.
fn model() -> Sequential {
    let inner = sequential![Dense::new(9), BatchNormalization::new(), Dropout::new(0.2)].unwrap();
    sequential![
        Input::new([12, 12, 2]),
        Conv2D::new(4, 3),
        BatchNormalization::new(),
        PReLU::new().shared_axes([1, 2]),
        Dropout::new(0.3),
        MaxPooling2D::new(2),
        Flatten::new(),
        inner,
        Dense::new(3).activation("softmax"),
    ]
    .unwrap()
}

/// `work` where there are so many threads.
fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

/// Everything a pass gives, in one list.
fn pass(model: &Sequential, x: &Tensor, options: PassOptions) -> (f64, Vec<Tensor>) {
    let loss = |_: std::ops::Range<usize>, y: &Tensor| Ok((y.sum().sin(), y.clone()));
    let pass = model.train_pass(x, options, &loss).unwrap();
    let updates = pass.updates.into_iter().map(|update| update.value);
    let all = [pass.y].into_iter().chain(pass.gradients.into_iter().flatten()).chain(updates);
    (pass.loss, all.collect())
}

#[test]
fn bits_do_not_depend_on_the_number_of_threads() {
    let model = model();
    for batch in [1, 64, 130, 700] {
        let x = draw(&[batch, 12, 12, 2], 0);
        let one = with_threads(1, || (model.predict(&x).unwrap(), pass(&model, &x, OPTIONS)));
        for threads in [2, 8] {
            let many =
                with_threads(threads, || (model.predict(&x).unwrap(), pass(&model, &x, OPTIONS)));
            assert!(many == one, "{batch} samples on {threads} threads");
        }
    }
}

#[test]
fn steps_and_seeds_draw_other_numbers() {
    let (model, x) = (model(), draw(&[3, 12, 12, 2], 0));
    let first = pass(&model, &x, OPTIONS);
    assert!(first == pass(&model, &x, OPTIONS));
    assert!(first != pass(&model, &x, PassOptions { step: 3, ..OPTIONS }));
    assert!(first != pass(&model, &x, PassOptions { seed: 6, ..OPTIONS }));
}

#[test]
fn threads_share_a_model() {
    let (model, x) = (model(), draw(&[5, 12, 12, 2], 0));
    let y = model.predict(&x).unwrap();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(|| model.predict(&x).unwrap())).collect();
        for worker in workers {
            assert_eq!(worker.join().unwrap(), y);
        }
    });
}

/// Each chunk of a batch, and each of two layers, drops other numbers.
#[test]
fn dropout_never_repeats_itself() {
    let model = sequential![Input::new([20]), Dropout::new(0.5)].unwrap();
    let x = Tensor::full(&[130, 20], 1.0);
    let y = model.train_pass(&x, OPTIONS, &|_, y| Ok((0.0, y.clone()))).unwrap().y;
    let rows: std::collections::HashSet<Vec<u32>> =
        y.as_slice().chunks(20).map(|row| row.iter().map(|y| y.to_bits()).collect()).collect();
    assert!(rows.len() > 125, "{}", rows.len());
    let dropped = y.as_slice().iter().filter(|&&y| y == 0.0).count();
    assert!((1150..1450).contains(&dropped), "{dropped} of 2600");
    assert!(y.as_slice().iter().all(|&y| y == 0.0 || y == 2.0));
    // Where both layers drop the same, a half is left; where each drops its own, a quarter.
    let twice = sequential![Input::new([20]), Dropout::new(0.5), Dropout::new(0.5)].unwrap();
    let y = twice.train_pass(&x, OPTIONS, &|_, y| Ok((0.0, y.clone()))).unwrap().y;
    let left = y.as_slice().iter().filter(|&&y| y != 0.0).count();
    assert!((550..750).contains(&left), "{left} of 2600");
}
