package io.scone.cli;

/**
 * A command that has settings of its own beside its options, and reads and prints them itself: its
 * {@code --config} and {@code --print-config} mean those.
 */
interface OwnConfig {}
