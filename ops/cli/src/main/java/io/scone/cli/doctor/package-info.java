/**
 * What {@code scone doctor} looks at: each {@link io.scone.cli.doctor.Check} finds one thing out
 * about the machine, by doing what Scone would do there, and says what to do if it is not as it
 * should be. {@link io.scone.cli.doctor.Doctor} knows which there are.
 */
package io.scone.cli.doctor;
