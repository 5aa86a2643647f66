/** How often what a demonstration asks for is asked again: minutes, on a machine that is busy with something else. */
export const patientRetries = 60;
