"""Every chart, drawn from simulated data and from public survey files, to be looked at by a person."""
