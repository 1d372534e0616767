//! Numbers again and again: each place of a volume becomes several.

/// y = x, where each place along an axis of length `lens[i]` comes `times[i]` times.
pub(crate) fn repeat(x: &[f32], y: &mut [f32], lens: &[usize], times: &[usize]) {
    let ([len, lens @ ..], [times, inner @ ..]) = (lens, times) else {
        return y.copy_from_slice(x);
    };
    if x.is_empty() || y.is_empty() {
        return;
    }
    let (from, to) = (x.len() / len, y.len() / len);
    for (x, y) in x.chunks_exact(from).zip(y.chunks_exact_mut(to)) {
        let once = to / times;
        repeat(x, &mut y[..once], lens, inner);
        (1..*times).for_each(|i| y.copy_within(..once, i * once));
    }
}

/// dx = the sums of dy over the times that each place came; dy is used up.
pub(crate) fn add_repeated(dy: &mut [f32], dx: &mut [f32], lens: &[usize], times: &[usize]) {
    let ([len, lens @ ..], [times, inner @ ..]) = (lens, times) else {
        return dx.copy_from_slice(dy);
    };
    if dx.is_empty() || dy.is_empty() {
        return;
    }
    let (from, to) = (dy.len() / len, dx.len() / len);
    for (dy, dx) in dy.chunks_exact_mut(from).zip(dx.chunks_exact_mut(to)) {
        let (first, others) = dy.split_at_mut(from / times);
        for other in others.chunks_exact(first.len()) {
            first.iter_mut().zip(other).for_each(|(sum, dy)| *sum += dy);
        }
        add_repeated(first, dx, lens, inner);
    }
}
