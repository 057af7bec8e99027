/** Benchmarks of single operations, run by JMH. */
package io.scone.bench.micro;
