//! The way back through attention with several heads.

use ceratops_activations::softmax_over_backward;
use ceratops_core::{Gradients, Result, Tensor};

use super::{MultiHead, Projections, SavedMultiHead, Tails, times};
use crate::layers::attention::places::Places;

impl Projections {
    /// Where the weights of query, key, gate, value and output begin, and how many each has.
    fn slots(&self) -> [(usize, usize); 5] {
        let gate = self.gate.iter().flat_map(|gate| gate.params()).count();
        let each = self.query.params().count();
        let mut end = 0;
        [each, each, gate, each, each].map(|len| {
            end += len;
            (end - len, len)
        })
    }
}

impl MultiHead<'_> {
    /// The gradients of query, value and key (none where the value is the key), from those of the output
    /// and of the scores.
    fn backward(
        &self,
        projections: &Projections,
        mut saved: SavedMultiHead,
        dys: Vec<Option<Tensor>>,
        dw: &mut Gradients<'_>,
    ) -> Result<[Option<Tensor>; 3]> {
        let (places, wants) = (Places::of(self.axes, saved.query.ndim())?, dw.wants_dx());
        let [of_query, of_key, of_gate, of_value, of_output] = projections.slots();
        let tails = std::mem::take(&mut saved.tails);
        let Tails { query, key, gate, value, output } = tails;
        let mut dys = dys.into_iter();
        let (dy, dscores) = (dys.next().flatten(), dys.next().flatten());
        let penalty = self.penalty;
        let mut back =
            |projection: &super::Projection, x: &Tensor, tail, dy, (start, len), wants| {
                let Some(tail) = tail else { return Ok(None) };
                projection.backward(x, tail, dy, penalty, &mut dw.part(start, len, wants))
            };
        // dL/dgated; nothing comes back where only the scores were read
        let gated = times(&saved.context, saved.gate.as_ref())?;
        let dgated = match dy {
            Some(dy) => {
                let dy = places.gathered(&dy, self.output.map_or(1, <[usize]>::len))?;
                back(&projections.output, &gated, output, dy, of_output, true)?
            }
            None => None,
        };
        let dgated = dgated.unwrap_or_else(|| Tensor::zeros(gated.shape()));
        let mut through_gate = None;
        if let (Some(own), Some(_)) = (&projections.gate, &saved.gate) {
            let dgate = times(&dgated, Some(&saved.context))?;
            through_gate = back(own, &saved.query, gate, dgate, of_gate, wants)?;
        }
        let dcontext = times(&dgated, saved.gate.as_ref())?;
        let [dq, dk, dv] = self.through_scores(&saved, &dcontext, dscores)?;
        let keys = saved.key.as_ref().unwrap_or(&saved.value);
        let dquery = back(&projections.query, &saved.query, query, dq, of_query, wants)?;
        let dkey = back(&projections.key, keys, key, dk, of_key, wants)?;
        let dvalue = back(&projections.value, &saved.value, value, dv, of_value, wants)?;
        let home = |dx: Option<Tensor>| dx.map(|dx| places.scattered(dx, 1)).transpose();
        let dquery = home(added(dquery, through_gate)?)?;
        match saved.key {
            Some(_) => Ok([dquery, home(dvalue)?, home(dkey)?]),
            None => Ok([dquery, home(added(dvalue, dkey)?)?, None]),
        }
    }

    /// The gradients of as many inputs as were given, and of the tensors among the arguments, which have
    /// none.
    pub(in super::super) fn gradients(
        &self,
        projections: &Projections,
        saved: SavedMultiHead,
        dys: Vec<Option<Tensor>>,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<Option<Tensor>>> {
        let has_key = saved.key.is_some();
        let [query, value, key] = self.backward(projections, saved, dys, dw)?;
        // What stands behind, as a mask does, has no gradient.
        Ok(if has_key { vec![query, value, key, None] } else { vec![query, value, None] })
    }

    /// The gradients of what was projected of query, key and value.
    fn through_scores(
        &self,
        saved: &SavedMultiHead,
        dcontext: &Tensor,
        dscores: Option<Tensor>,
    ) -> Result<[Tensor; 3]> {
        let ([q, k, v], heads, scores) = (&saved.projected, saved.heads, &saved.scores);
        let dropped = saved.dropped.as_ref();
        let [dp, dv] = heads.combined_gradient(&times(scores, dropped)?, v, dcontext);
        let mut dp = times(&dp, dropped)?;
        if let Some(dscores) = dscores {
            dp.add_scaled(1.0, &dscores.reshape(scores.shape())?)?;
        }
        let mut dscores = softmax_over_backward(scores, dp, &[-1])?;
        if let Some(keep) = &saved.keep {
            keep.fill(&mut dscores, heads, 0.0);
        }
        let [dq, dk] = heads.scores_gradient(q, k, &dscores);
        let scale = self.scale();
        Ok([dq.map(|dq| dq * scale), dk, dv])
    }
}

/// The sum of two gradients, of which either may be missing.
fn added(a: Option<Tensor>, b: Option<Tensor>) -> Result<Option<Tensor>> {
    match (a, b) {
        (Some(mut a), Some(b)) => a.add_scaled(1.0, &b).map(|()| Some(a)),
        (a, b) => Ok(a.or(b)),
    }
}
