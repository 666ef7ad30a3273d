//! How fast the peer hashes at best: its packed Poseidon2 on states in the cache, on all its threads.

use std::hint::black_box;
use std::time::Instant;

use openvm_stark_sdk::config::baby_bear_poseidon2::{poseidon2_perm, F};
use openvm_stark_sdk::openvm_stark_backend::p3_field::{Field, PackedValue, PrimeCharacteristicRing};
use openvm_stark_sdk::openvm_stark_backend::p3_maybe_rayon::prelude::*;
use openvm_stark_sdk::openvm_stark_backend::p3_symmetric::Permutation;

type States = [<F as Field>::Packing; 16];

const BLOCK: usize = 32; // packed states of a thread: they stay in its first cache
const REPEATS: usize = 400; // some ten milliseconds
const TRIES: usize = 20;

/// Permutations a second, the best of some tries.
pub fn per_second() -> f64 {
    let permutation = poseidon2_perm();
    let start: States = std::array::from_fn(|i| F::from_usize(i).into());
    let mut blocks = vec![[start; BLOCK]; current_num_threads()];
    let lanes = <<F as Field>::Packing as PackedValue>::WIDTH;
    let count = (blocks.len() * BLOCK * REPEATS * lanes) as f64;
    let tries = (0..TRIES).map(|_| {
        let started = Instant::now();
        blocks.par_iter_mut().for_each(|block| {
            for _ in 0..REPEATS {
                block.iter_mut().for_each(|states| permutation.permute_mut(states));
            }
        });
        black_box(&blocks);
        count / started.elapsed().as_secs_f64()
    });
    tries.fold(0.0, f64::max)
}
