//! The memory of tensors: it serves the next tensor, whoever dropped the last, and does not grow.

use std::{cell::RefCell, sync::mpsc, thread};

use allocation_counter::measure;
use ceratops_core::Tensor;

#[test]
fn a_dropped_tensor_serves_the_next_one_of_its_size() {
    let place = |tensor: &Tensor| tensor.as_slice().as_ptr();
    let ones = Tensor::full(&[10, 100], 1.0);
    let (copy, at) = (ones.clone(), place(&ones));
    drop(ones);
    assert_ne!(place(&Tensor::zeros(&[1000])), at, "it is still held");
    drop(copy);
    let zeros = Tensor::zeros(&[1000]);
    assert_eq!(place(&zeros), at);
    assert_eq!(zeros.as_slice(), [0.0; 1000]);
    drop(zeros);
    let work = || {
        let x = Tensor::for_overwrite(&[10, 100]).map(|_| 2.0);
        let parts = [x.batch_slice(0..5).unwrap(), x.batch_gather(&[1; 5]).unwrap()];
        assert_eq!(Tensor::concat(&parts).unwrap(), x.clone().map(|x| x));
    };
    assert!(measure(work).count_total > 0);
    assert_eq!(measure(work).count_total, 0);
}

#[test]
fn numbers_begin_where_a_line_of_the_cache_does() {
    for len in [1, 15, 16, 17, 1000] {
        let tensors: Vec<Tensor> = (0..5).map(|_| Tensor::zeros(&[len])).collect();
        assert!(tensors.iter().all(|tensor| tensor.as_slice().as_ptr().addr().is_multiple_of(64)));
        assert_eq!(Vec::from(tensors[0].clone()), vec![0.0; len]);
        assert_eq!(Vec::from(Tensor::full(&[len], 1.0)), vec![1.0; len]);
    }
}

#[test]
#[cfg(debug_assertions)]
fn what_is_to_be_overwritten_is_nan_in_a_debug_build() {
    drop(Tensor::full(&[3], 1.0));
    assert!(Tensor::for_overwrite(&[3]).as_slice().iter().all(|x| x.is_nan()));
}

#[test]
fn tensors_that_another_thread_drops_come_back() {
    let (send, receive) = mpsc::sync_channel::<Tensor>(1);
    let dropping = thread::spawn(move || receive.iter().for_each(drop));
    let memory = measure(|| (0..2000).for_each(|_| send.send(Tensor::zeros(&[777])).unwrap()));
    drop(send);
    dropping.join().unwrap();
    // Two for each tensor that the other thread keeps or that is on its way; 4000 without a pool.
    assert!(memory.count_total < 400, "{}", memory.count_total);
}

#[test]
fn what_is_kept_is_bounded() {
    let memory = measure(|| {
        for (tensors, len) in [(40, 1 << 20), (30, 3 << 19), (1, 1 << 25)] {
            drop((0..tensors).map(|_| Tensor::zeros(&[len])).collect::<Vec<_>>());
        }
    });
    // 4 MiB of the thread's and 128 MiB of all; 180 MiB were in use at once.
    assert!(memory.bytes_current <= 133 << 20, "{}", memory.bytes_current);
    assert!(memory.bytes_current >= 12 << 20, "{}", memory.bytes_current);
}

#[test]
fn a_thread_may_end_while_it_holds_tensors() {
    thread_local! {
        static KEPT: RefCell<Vec<Tensor>> = const { RefCell::new(Vec::new()) };
    }
    for pool_first in [true, false] {
        let ends = thread::spawn(move || {
            if pool_first {
                drop(Tensor::zeros(&[9]));
            }
            KEPT.with_borrow_mut(|kept| kept.push(Tensor::zeros(&[9])));
            drop(Tensor::zeros(&[9]));
        });
        assert!(ends.join().is_ok());
    }
}
