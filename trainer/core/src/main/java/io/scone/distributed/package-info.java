/** The processes of one training job: how they find each other and add up what each has. */
package io.scone.distributed;
