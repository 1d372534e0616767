//! Loops over numbers with the widest vectors that the CPU at hand has.

/// Runs `work` compiled for the vectors of this CPU, found out at run time.
///
/// A default build for x86-64 may use no more than SSE2; here the loops within `work` become AVX2
/// where there is AVX2. That holds for what the compiler inlines into `work`: loops over slices,
/// not calls through a trait object. Mark a closure of some size `#[inline(always)]`, or the
/// compiler may keep it apart. Element-wise arithmetic gives the same bits either way.
///
/// ```
/// let mut x = vec![1.0f32; 1000];
/// ceratops_core::vectorize(|| x.iter_mut().for_each(|x| *x += 1.0));
/// assert_eq!(x, vec![2.0; 1000]);
/// ```
#[inline(always)]
pub fn vectorize<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}
