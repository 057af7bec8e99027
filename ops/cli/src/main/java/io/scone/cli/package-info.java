/**
 * The {@code scone} command: one tree of subcommands, {@link io.scone.cli.Scone} at its root.
 *
 * <p>A command turns what was typed, the environment and a file of settings into a call of the part
 * that does the work, and shows what comes of it. It may use every package; no package uses it.
 */
package io.scone.cli;
