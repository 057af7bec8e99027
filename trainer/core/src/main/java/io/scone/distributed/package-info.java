/**
 * The processes of one training job: how they find each other and add up what each has.
 *
 * <p>It knows tensors and no model: training hands it the gradients. Training and the command line
 * use it.
 */
package io.scone.distributed;
