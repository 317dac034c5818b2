"""Charts over what the lower areas report; reads only."""
