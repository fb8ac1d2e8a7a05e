"""Cases: their life, their ladder, the people, the attention they may claim. Pure."""
