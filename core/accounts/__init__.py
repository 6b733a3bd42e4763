"""Who works here: users, their teams and roles, their sign-ins and preferences."""
