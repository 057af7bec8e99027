/** Work spread over threads. */
package io.scone.concurrent;
