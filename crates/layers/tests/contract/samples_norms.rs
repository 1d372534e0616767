//! Samples of the layers that bring each sample to one size, of products along any axes, and of Keras 1's dense layers.

use ceratops_layers::{
    EinsumDense, GroupNormalization, Highway, LayerNormalization, MaxoutDense, RMSNormalization,
    UnitNormalization,
};

use crate::samples::{Sample, sample};

pub(crate) fn samples() -> Vec<Sample> {
    let layer = LayerNormalization::new;
    let einsum = |equation: &str, shape: &[Option<usize>]| EinsumDense::new(equation, shape);
    let known = Some;
    vec![
        sample(layer(), &[5]),
        sample(layer(), &[2, 11]),
        sample(layer().axis([1, 2]), &[3, 2]),
        sample(layer().axis(1), &[3, 2]),
        sample(layer().axis([-1, 1]), &[3, 2, 2]),
        sample(layer().center(false).epsilon(0.1), &[4]),
        sample(layer().scale(false), &[4]),
        sample(layer().scale(false).center(false), &[4]),
        sample(layer().rms_scaling(true), &[2, 4]),
        sample(RMSNormalization::new(), &[9]),
        sample(RMSNormalization::new().axis([2, 3]).epsilon(0.1), &[2, 2, 3]),
        sample(GroupNormalization::new(2), &[3, 4]),
        sample(GroupNormalization::new(-1), &[3, 2]),
        sample(GroupNormalization::new(1).scale(false), &[2, 3, 3]),
        sample(GroupNormalization::new(2).axis(1), &[4, 3]),
        sample(GroupNormalization::new(3).axis(-2).center(false).epsilon(0.1), &[2, 3, 2]),
        sample(GroupNormalization::new(2), &[6]),
        sample(Highway::new(), &[3]),
        sample(Highway::new().activation("tanh").use_bias(false), &[4]),
        sample(Highway::new().kernel_regularizer("l1"), &[3]),
        sample(MaxoutDense::new(3), &[4]),
        sample(MaxoutDense::new(2).nb_feature(2).use_bias(false), &[3]),
        sample(UnitNormalization::new(), &[5]),
        sample(UnitNormalization::new().axis([1, 2]), &[3, 2]),
        sample(UnitNormalization::new().axis(1), &[3, 2]),
        sample(einsum("ab,bc->ac", &[known(3)]).bias_axes("c"), &[4]),
        sample(einsum("abc,cd->abd", &[known(2), known(3)]).bias_axes("d"), &[2, 4]),
        sample(einsum("abc,cde->abde", &[known(2), known(2), known(3)]).bias_axes("de"), &[2, 4]),
        sample(einsum("abcd,cde->abe", &[known(2), known(3)]).activation("tanh"), &[2, 2, 3]),
        sample(einsum("...x,xy->...y", &[known(3)]).bias_axes("y"), &[2, 2, 4]),
        sample(einsum("ab...,bc->ac...", &[known(3)]).bias_axes("c"), &[4, 2]),
        // A product for each step, with a kernel of its own.
        sample(einsum("abc,bcd->abd", &[known(2), known(3)]).bias_axes("b"), &[2, 4]),
        sample(einsum("abc,dcb->adb", &[known(3), known(2)]).bias_axes("bd"), &[2, 4]),
        // Axis b is added up first.
        sample(einsum("abc,cd->ad", &[known(3)]), &[2, 4]),
        sample(einsum("abc,d->adcb", &[known(2), known(4), known(2)]), &[2, 4]),
    ]
}
