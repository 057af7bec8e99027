/**
 * Benchmarks of single operations, run by JMH in processes of its own.
 *
 * <p>Apart from the other benchmarks because JMH makes code of each class here. Only the command
 * line uses it.
 */
package io.scone.bench.micro;
