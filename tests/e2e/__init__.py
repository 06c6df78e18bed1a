"""The application whole: in containers, on another machine, in a stand-in for the cloud."""
