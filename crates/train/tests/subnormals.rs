//! What an optimizer remembers fades to 0, not to the smallest number, for which a CPU takes a hundred
//! times as long.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use ceratops_core::{Param, Tensor};
use ceratops_train::{
    Optimizer,
    optimizers::{self, Adam, Nadam, OptimizerState, RMSprop, SGD},
};

const NAMES: [&str; 13] = [
    "adadelta",
    "adafactor",
    "adagrad",
    "adam",
    "adamax",
    "adamw",
    "ftrl",
    "lamb",
    "lion",
    "muon",
    "nadam",
    "rmsprop",
    "sgd",
];

/// Every optimizer by its name, and those with further slots.
fn all() -> Vec<Box<dyn Optimizer>> {
    let mut all: Vec<Box<dyn Optimizer>> =
        NAMES.iter().map(|name| optimizers::get(name).unwrap()).collect();
    all.push(Box::new(SGD::new(0.1).momentum(0.9)));
    all.push(Box::new(SGD::new(0.1).momentum(0.9).nesterov(true).gradient_accumulation_steps(2)));
    all.push(Box::new(RMSprop::new(0.01).rho(0.5).momentum(0.9).centered(true)));
    all.push(Box::new(Adam::new(0.01).beta_2(0.9).amsgrad(true).use_ema(true).ema_momentum(0.9)));
    all.push(Box::new(Nadam::new(0.01).beta_2(0.9).weight_decay(0.5).clipnorm(1e-3)));
    all
}

fn apply(state: &mut OptimizerState, optimizer: &dyn Optimizer, w: &mut Param, dw: &[f32; 6]) {
    let dw = Tensor::from(*dw).reshape(&[2, 3]).unwrap();
    state.apply(optimizer, &mut [w], &mut [Some(dw)]).unwrap();
}

#[test]
fn no_slot_stays_below_the_normal_numbers() {
    for optimizer in all() {
        let start = Tensor::from([1.0, 1e-3, 1e-18, 1e-30, 1e-38, -1e-38]);
        let mut w = Param::new("w", start.reshape(&[2, 3]).unwrap());
        let mut state = OptimizerState::default();
        let first = [1.0, 1e-6, -1e-19, 1e-30, 1e-37, 1e-42];
        apply(&mut state, &*optimizer, &mut w, &first);
        for step in 1..1500 {
            apply(&mut state, &*optimizer, &mut w, &[0.0; 6]);
            let slots = state.slots(0).iter().chain([w.value()]);
            let all: Vec<f32> = slots.flat_map(|slot| slot.as_slice().to_vec()).collect();
            let small = all.iter().find(|x| x.is_subnormal());
            assert_eq!(small, None, "{} keeps it after {step} steps", optimizer.class_name());
        }
    }
}

/// The gradient of a weight that is dead is 0, and so is its momentum in the end.
#[test]
fn momentum_of_a_dead_weight_ends() {
    for optimizer in [&Adam::new(0.01) as &dyn Optimizer, &SGD::new(0.01).momentum(0.9)] {
        let mut w = Param::new("w", Tensor::full(&[2, 3], 1.0));
        let mut state = OptimizerState::default();
        apply(&mut state, optimizer, &mut w, &[1.0; 6]);
        (0..1000).for_each(|_| apply(&mut state, optimizer, &mut w, &[0.0; 6]));
        assert_eq!(state.slots(0)[0].as_slice(), [0.0; 6], "{}", optimizer.class_name());
    }
}
