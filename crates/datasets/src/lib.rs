//! Small embedded data sets, and readers of what users have
