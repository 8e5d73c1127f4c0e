//! Tokens: make, show, list, revoke.

mod creation;
mod login;
