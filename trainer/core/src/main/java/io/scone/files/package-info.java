/**
 * Files that appear whole or not at all: {@link io.scone.files.AtomicFiles} for small ones, {@link
 * io.scone.files.HeadedFileWriter} for large ones whose header is known last.
 *
 * <p>Every package of the trainer and the command line writes through it.
 */
package io.scone.files;
