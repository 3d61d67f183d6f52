use super::{exit::Exit, failure::Failure, options::Options, output::Output};
pub(super) fn index(_: &clap::ArgMatches, _: &Options, _: &mut Output) -> Result<Exit, Failure> {
    Ok(Exit::Done)
}
