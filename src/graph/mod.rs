//! Pure algorithms over graphs of dense numbers: adjacency, reachability, components, layers, paths. Knows no symbol, no
//! file and no database, and never recurses, so that depth is no limit.

mod adjacency;
mod components;
mod layers;
mod paths;
mod reach;

pub use adjacency::Adjacency;
pub use components::{Components, components, condense};
pub use layers::layers;
pub use paths::{PathLimits, Paths, paths};
pub use reach::{FAR, Reach, reach, reached_by_each};
